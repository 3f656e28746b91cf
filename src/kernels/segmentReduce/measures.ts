import type { SegmentReductionProblem } from '../../reference/segmentReduce.ts';
import type { OwnMeasures } from '../define.ts';

export const segmentReductionMeasures: OwnMeasures<SegmentReductionProblem> = {
  dtype: ({ dtype }) => dtype,
  shapeClass: ({ length, inner, segments }) =>
    `${inner === 1 ? 'rows' : 'columns'}-${length < 64 * segments ? 'short' : 'long'}`,
  flops: ({ length, inner }) => length * inner,
};
