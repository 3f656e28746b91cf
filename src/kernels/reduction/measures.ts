import { gridSize } from '../../reference/grids.ts';
import { reducesInnermost, type ReductionProblem } from '../../reference/reduction.ts';
import type { OwnMeasures } from '../define.ts';

export const reductionMeasures: OwnMeasures<ReductionProblem> = {
  dtype: ({ dtype }) => dtype,
  shapeClass(problem) {
    // Sums in fixed point are bound by arithmetic where others are by memory.
    const kind = problem.reproducible ? 'reproducible-' : '';
    const layout = `${kind}${reducesInnermost(problem) ? 'rows' : 'columns'}`;
    const results = gridSize(problem.keptDims);
    if (results < 256) return `${layout}-few`;
    return `${layout}-${gridSize(problem.reducedDims) < 1024 ? 'short' : 'long'}`;
  },
  flops: ({ keptDims, reducedDims }) => gridSize(keptDims) * gridSize(reducedDims),
};
