import type { SegmentReductionProblem } from '../../reference/segmentReduce.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { bytesOf } from '../bytesOf.ts';
import type { Contract } from '../define.ts';

export const segmentReductionContract: Contract<SegmentReductionProblem> = {
  name: 'segmentReduce',
  inputs: ({ length, inner, dtype, segments }) => [
    { shape: [length, inner], dtype },
    { shape: [segments + 1], dtype: 'u32', offsetsTo: length },
  ],
  outputs: ({ inner, segments, dtype }) => [{ shape: [segments, inner], dtype }],
  key: (p) => `${JSON.stringify(p.kind)},${p.dtype},${p.length},${p.inner},${p.segments},${p.reproducible}`,
  dtype: ({ dtype }) => dtype,
  shapeClass: ({ length, inner, segments }) =>
    `${inner === 1 ? 'rows' : 'columns'}-${length < 64 * segments ? 'short' : 'long'}`,
  flops: ({ length, inner }) => length * inner,
  bytes: (problem) =>
    bytesOf(
      [...segmentReductionContract.inputs(problem), ...segmentReductionContract.outputs(problem)],
      dtypeSizeBytes,
    ),
};
