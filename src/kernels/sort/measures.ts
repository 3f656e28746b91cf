import type { SortProblem } from '../../reference/sort.ts';
import type { OwnMeasures } from '../define.ts';

export const sortMeasures: OwnMeasures<SortProblem> = {
  dtype: ({ dtype }) => dtype,
  shapeClass({ outer, length, inner, count }) {
    const part = count * 8 <= length ? 'few-of' : 'all-of';
    const size = length <= 4096 ? 'short' : 'long';
    return `${part}-${outer * inner < 256 ? 'few' : 'many'}-${size}`;
  },
  /** Every element is looked at. */
  flops: ({ outer, length, inner }) => outer * length * inner,
};
