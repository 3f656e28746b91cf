import { gridsKey, gridSize, keptOutermost, withOutermost } from '../../reference/grids.ts';
import { reductionResultType, type ReductionProblem } from '../../reference/reduction.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { bytesOf } from '../bytesOf.ts';
import type { Contract } from '../define.ts';

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
    `${p.kind},${p.custom ? JSON.stringify(p.custom) : ''},${p.dtype},${p.correction},${p.reproducible},${gridsKey(p)}`,
  dtype: ({ dtype }) => dtype,
  slicing: {
    sizes: (problem) => [keptOutermost(problem)],
    slice: (problem, _axis, [begin, end]) => withOutermost(problem, end - begin),
  },
  shapeClass(problem) {
    // Sums in fixed point are bound by arithmetic where others are by memory.
    const kind = problem.reproducible ? 'reproducible-' : '';
    const layout = `${kind}${reducesInnermost(problem) ? 'rows' : 'columns'}`;
    const results = gridSize(problem.keptDims);
    if (results < 256) return `${layout}-few`;
    return `${layout}-${gridSize(problem.reducedDims) < 1024 ? 'short' : 'long'}`;
  },
  flops: ({ keptDims, reducedDims }) => gridSize(keptDims) * gridSize(reducedDims),
  bytes: (problem) =>
    bytesOf([...reductionContract.inputs(problem), ...reductionContract.outputs(problem)], dtypeSizeBytes),
};
