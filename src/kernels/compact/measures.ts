import type { CompactProblem } from '../../reference/compact.ts';
import type { OwnMeasures } from '../define.ts';

export const compactMeasures: OwnMeasures<CompactProblem> = {
  dtype: ({ dtype = 'u32' }) => dtype,
  shapeClass: ({ length }) => (length < 2 ** 16 ? 'small' : 'large'),
  flops: ({ length }) => length,
};
