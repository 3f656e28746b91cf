import { gridsKey, gridSize, keptOutermost, withOutermost } from '../../reference/grids.ts';
import { reductionResultType, type ReductionProblem } from '../../reference/reduction.ts';
import type { Contract } from '../define.ts';

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
  slicing: {
    sizes: (problem) => [keptOutermost(problem)],
    slice: (problem, _axis, [begin, end]) => withOutermost(problem, end - begin),
  },
};
