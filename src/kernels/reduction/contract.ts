import {
  gridSize,
  reductionReference,
  reductionResultType,
  type ReductionProblem,
} from '../../reference/reduction.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { bytesOf, type Contract } from '../define.ts';
import { longestChain, roundingUnit } from '../rounding.ts';

/** Whether the reduced elements of one result lie in runs without gaps; otherwise neighbouring results do. */
export function reducesInnermost({ keptStrides }: Pick<ReductionProblem, 'keptStrides'>): boolean {
  return keptStrides[3] !== 1;
}

export const reductionContract: Contract<ReductionProblem> = {
  name: 'reduction',
  inputs: ({ keptDims, reducedDims, dtype }) => [
    { shape: [gridSize(keptDims) * gridSize(reducedDims)], dtype },
  ],
  outputs: (problem) => [{ shape: [gridSize(problem.keptDims)], dtype: reductionResultType(problem) }],
  key: (p) =>
    `${p.kind},${p.dtype},${p.keptDims.join()},${p.keptStrides.join()},${p.reducedDims.join()},${p.reducedStrides.join()}`,
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
  reference: (problem, [x]) => [reductionReference(problem, x!)],
  /**
   * A sum in which no element takes part in more than h additions is off by at most h u sum |x| to first order,
   * u = 2^-24 (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 4.2); `longestChain` is the h
   * that every kernel keeps to. The division of a mean may be off by 2.5 units in the last place.
   * Maxima and minima are elements, and positions are integers: exact.
   */
  errorBound(problem, [x], [expected]) {
    const { kind, dtype } = problem;
    const floating = dtype === 'f32' || dtype === 'f16';
    if ((kind !== 'sum' && kind !== 'mean') || !floating) return [new Float64Array(expected!.length)];
    const magnitude = reductionReference(
      problem,
      x!.map((value) => Math.abs(value)),
    );
    const additions = longestChain(gridSize(problem.reducedDims)) * roundingUnit('f32');
    const division = kind === 'mean' ? 5 * roundingUnit('f32') : 0;
    return [
      expected!.map((value, o) => {
        const error = additions * magnitude[o]! + division * Math.abs(value);
        return error + roundingUnit(dtype) * (Math.abs(value) + error);
      }),
    ];
  },
};
