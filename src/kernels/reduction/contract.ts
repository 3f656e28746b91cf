import { gridSize } from '../../reference/grids.ts';
import {
  reduceElements,
  reductionReference,
  reductionResultType,
  type ReductionProblem,
} from '../../reference/reduction.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { bytesOf, type Contract } from '../define.ts';
import { roundingUnit } from '../rounding.ts';
import { resultErrors } from './errors.ts';

/** Whether the reduced elements of one result lie in runs without gaps; otherwise neighbouring results do. */
export function reducesInnermost({ keptStrides }: Pick<ReductionProblem, 'keptStrides'>): boolean {
  return keptStrides[3] !== 1;
}

export const reductionContract: Contract<ReductionProblem> = {
  name: 'reduction',
  inputs: ({ keptDims, reducedDims, dtype }) => [
    { shape: [gridSize(keptDims) * gridSize(reducedDims)], dtype },
  ],
  outputs(problem) {
    const result = { shape: [gridSize(problem.keptDims)], dtype: reductionResultType(problem) };
    return problem.kind === 'moments' ? [result, result] : [result];
  },
  key: (p) =>
    `${p.kind},${p.custom ? JSON.stringify(p.custom) : ''},${p.dtype},${p.correction},${p.reproducible},${p.keptDims.join()},${p.keptStrides.join()},${p.reducedDims.join()},${p.reducedStrides.join()}`,
  dtype: ({ dtype }) => dtype,
  shapeClass(problem) {
    const layout = reducesInnermost(problem) ? 'rows' : 'columns';
    const results = gridSize(problem.keptDims);
    if (results < 256) return `${layout}-few`;
    return `${layout}-${gridSize(problem.reducedDims) < 1024 ? 'short' : 'long'}`;
  },
  flops: ({ keptDims, reducedDims }) => gridSize(keptDims) * gridSize(reducedDims),
  bytes: (problem) =>
    bytesOf([...reductionContract.inputs(problem), ...reductionContract.outputs(problem)], dtypeSizeBytes),
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
