import type { GateProblem } from '../../reference/gate.ts';
import type { Contract } from '../define.ts';

export const gateContract: Contract<GateProblem> = {
  name: 'gate',
  inputs: ({ elements, dtype }) => [
    { shape: [elements], dtype },
    { shape: [elements], dtype },
  ],
  outputs: ({ elements, dtype }) => [{ shape: [elements], dtype }],
  key: ({ elements, dtype, activation, limits }) => `${elements},${dtype},${activation},${limits.join()}`,
};
