import { reductionResultType, type ReductionProblem } from '../../reference/reduction.ts';
import { reduceElements, reductionReference } from '../../reference/reductionReference.ts';
import type { Oracle } from '../define.ts';
import { roundingUnit } from '../rounding.ts';
import { resultErrors } from './errors.ts';

export const reductionOracle: Oracle<ReductionProblem> = {
  reference: (problem, [x]) => reductionReference(problem, x!),
  /** How far a result in f32 may be off (`resultErrors`), and its rounding to the type that is stored. Integers are exact. */
  errorBound(problem, [x], expected) {
    const { dtype } = problem;
    const floating = (dtype === 'f32' || dtype === 'f16') && reductionResultType(problem) === dtype;
    const errors = floating ? resultErrors(problem) : undefined;
    return expected.map((values, index) => {
      if (!errors) return new Float64Array(values.length);
      const bounds = reduceElements(problem, x!, errors[index]!);
      return bounds.map((error, o) =>
        // Extremes are elements: exact.
        error === 0 ? 0 : error + roundingUnit(dtype) * (Math.abs(values[o]!) + error),
      );
    });
  },
};
