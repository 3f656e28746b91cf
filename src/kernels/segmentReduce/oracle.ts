import { isExactReduction, type SegmentReductionProblem } from '../../reference/segmentReduce.ts';
import { segmentReductionReference } from '../../reference/segmentReduceReference.ts';
import type { Oracle } from '../define.ts';
import { isFloat, productError, reachOf, roundingUnit } from '../rounding.ts';

export const segmentReductionOracle: Oracle<SegmentReductionProblem> = {
  reference: (problem, inputs) => [segmentReductionReference(problem, inputs)],
  /**
   * A sum of n elements, in any order, is off by at most n u sum |x| to first order, u = 2^-24 (Higham, Accuracy and Stability
   * of Numerical Algorithms, 2nd ed., section 4.2); nobody can say beforehand how long segments are. The division of a
   * mean may be off by 2.5 units in the last place. A product as `productError` has it.
   * Extremes and integers are exact.
   */
  errorBound(problem, [x, offsets], [expected]) {
    const { kind, dtype, inner } = problem;
    const rounds = kind === 'sum' || kind === 'mean' || kind === 'prod';
    if (!isFloat(dtype) || !rounds || isExactReduction(problem)) return [new Float64Array(expected!.length)];
    const product = kind === 'prod';
    const factors = x!.map(product ? reachOf : Math.abs);
    const magnitude = segmentReductionReference(problem, [factors, offsets!]);
    const division = kind === 'mean' ? 5 * roundingUnit('f32') : 0;
    return [
      expected!.map((value, result) => {
        const segment = Math.floor(result / inner);
        const count = offsets![segment + 1]! - offsets![segment]!;
        const error = product
          ? productError(count, value, magnitude[result]!)
          : count * roundingUnit('f32') * magnitude[result]! + division * Math.abs(value);
        return error + roundingUnit(dtype) * (Math.abs(value) + error);
      }),
    ];
  },
};
