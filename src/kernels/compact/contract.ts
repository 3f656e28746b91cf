import type { CompactProblem } from '../../reference/compact.ts';
import type { Contract } from '../define.ts';

export const compactContract: Contract<CompactProblem> = {
  name: 'compact',
  inputs({ dtype, mask, length }) {
    const shape = [length];
    return dtype === undefined
      ? [{ shape, dtype: mask }]
      : [
          { shape, dtype },
          { shape, dtype: mask },
        ];
  },
  outputs: ({ dtype = 'u32', length }) => [
    { shape: [length], dtype },
    { shape: [1], dtype: 'u32' },
  ],
  key: ({ dtype, mask, length }) => `${dtype},${mask},${length}`,
};
