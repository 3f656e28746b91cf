import type { GateProblem } from '../../reference/gate.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import type { Contract } from '../define.ts';

export const gateContract: Contract<GateProblem> = {
  name: 'gate',
  inputs: ({ elements, dtype }) => [
    { shape: [elements], dtype },
    { shape: [elements], dtype },
  ],
  outputs: ({ elements, dtype }) => [{ shape: [elements], dtype }],
  key: ({ elements, dtype, activation, limits }) => `${elements},${dtype},${activation},${limits.join()}`,
  dtype: ({ dtype }) => dtype,
  shapeClass: () => 'any',
  flops: ({ elements }) => 2 * elements,
  bytes: ({ elements, dtype }) => 3 * elements * dtypeSizeBytes(dtype),
};
