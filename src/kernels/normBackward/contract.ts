import { gridsKey, gridSize } from '../../reference/grids.ts';
import type { NormBackwardProblem } from '../../reference/norm.ts';
import type { Contract } from '../define.ts';

const sizeOf = ({ keptDims, reducedDims }: NormBackwardProblem): number =>
  gridSize(keptDims) * gridSize(reducedDims);

export const normBackwardContract: Contract<NormBackwardProblem> = {
  name: 'normBackward',
  inputs(problem) {
    const { dtype, groups, channels, scale } = problem;
    const x = { shape: [sizeOf(problem)], dtype };
    return [x, x, ...(scale ? [{ shape: [groups * channels], dtype }] : [])];
  },
  outputs(problem) {
    const { kind, dtype, groups, channels } = problem;
    const perChannel = { shape: [groups * channels], dtype };
    return [{ shape: [sizeOf(problem)], dtype }, perChannel, ...(kind === 'rms' ? [] : [perChannel])];
  },
  key: (p) =>
    `${p.kind},${p.dtype},${p.groups},${p.channels},${p.spatial},${p.epsilon},${p.scale},${gridsKey(p)}`,
};
