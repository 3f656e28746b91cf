import type { CompactProblem } from '../../reference/compact.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { bytesOf } from '../bytesOf.ts';
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
  dtype: ({ dtype = 'u32' }) => dtype,
  shapeClass: ({ length }) => (length < 2 ** 16 ? 'small' : 'large'),
  flops: ({ length }) => length,
  bytes: (problem) =>
    bytesOf([...compactContract.inputs(problem), ...compactContract.outputs(problem)], dtypeSizeBytes),
};
