import { gridsKey, gridSize, keptOutermost, withOutermost } from '../../reference/grids.ts';
import type { NormProblem } from '../../reference/norm.ts';
import type { Contract } from '../define.ts';

const sizeOf = ({ keptDims, reducedDims }: NormProblem): number => gridSize(keptDims) * gridSize(reducedDims);

export const normContract: Contract<NormProblem> = {
  name: 'norm',
  inputs(problem) {
    const { dtype, groups, channels, scale, bias, residual } = problem;
    const x = { shape: [sizeOf(problem)], dtype };
    const perChannel = { shape: [groups * channels], dtype };
    return [x, ...(scale ? [perChannel] : []), ...(bias ? [perChannel] : []), ...(residual ? [x] : [])];
  },
  outputs(problem) {
    const y = { shape: [sizeOf(problem)], dtype: problem.dtype };
    return problem.sum ? [y, y] : [y];
  },
  key: (p) =>
    `${p.kind},${p.dtype},${p.groups},${p.channels},${p.spatial},${p.epsilon},${p.scale},${p.bias},${p.residual},${p.sum},${gridsKey(p)}`,
  // Rows that have channels of their own stay together, but for those of one element of the outermost axis.
  slicing: {
    sizes: (problem) => [
      keptOutermost(problem, problem.groups),
      gridSize(problem.keptDims) === problem.groups ? problem.groups : 1,
    ],
    slice: (problem, axis, [begin, end]) => {
      const groups = axis === 0 ? problem.groups : end - begin;
      return { ...withOutermost(problem, axis === 0 ? (end - begin) * groups : groups), groups };
    },
  },
};
