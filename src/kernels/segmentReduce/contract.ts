import type { SegmentReductionProblem } from '../../reference/segmentReduce.ts';
import type { Contract } from '../define.ts';

export const segmentReductionContract: Contract<SegmentReductionProblem> = {
  name: 'segmentReduce',
  inputs: ({ length, inner, dtype, segments }) => [
    { shape: [length, inner], dtype },
    { shape: [segments + 1], dtype: 'u32', offsetsTo: length },
  ],
  outputs: ({ inner, segments, dtype }) => [{ shape: [segments, inner], dtype }],
  key: (p) => `${JSON.stringify(p.kind)},${p.dtype},${p.length},${p.inner},${p.segments},${p.reproducible}`,
};
