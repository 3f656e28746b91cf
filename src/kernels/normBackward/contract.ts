import { gridsKey, gridSize } from '../../reference/grids.ts';
import type { NormBackwardProblem } from '../../reference/norm.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { bytesOf } from '../bytesOf.ts';
import type { Contract } from '../define.ts';

/** Statistics 4, products and sums of two means 5, the result 5, sums of channels 4. */
const FLOPS_PER_ELEMENT = 18;

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
  dtype: ({ dtype }) => dtype,
  shapeClass({ keptDims, reducedDims }) {
    const length = gridSize(reducedDims);
    return `${gridSize(keptDims) < 256 ? 'few' : 'many'}-${length < 1024 ? 'short' : length < 16_384 ? 'medium' : 'long'}`;
  },
  flops: (problem) => FLOPS_PER_ELEMENT * sizeOf(problem),
  bytes: (problem) =>
    bytesOf(
      [...normBackwardContract.inputs(problem), ...normBackwardContract.outputs(problem)],
      dtypeSizeBytes,
    ),
};
