import type { GateProblem } from '../../reference/gate.ts';
import type { Case } from '../define.ts';

/** Around the elements of an invocation and of a workgroup. */
export const gateCases: readonly Case<GateProblem>[] = [
  ...[1, 3, 1024, 1031].map((elements): Case<GateProblem> => ({
    name: `f32 silu of ${elements}`,
    problem: { dtype: 'f32', elements, activation: 'silu', limits: [0, 0] },
  })),
  { name: 'f16 silu', problem: { dtype: 'f16', elements: 5124, activation: 'silu', limits: [0, 0] } },
  { name: 'f16 gelu', problem: { dtype: 'f16', elements: 2049, activation: 'gelu', limits: [0, 0] } },
  { name: 'f32 clip', problem: { dtype: 'f32', elements: 300, activation: 'clip', limits: [-1, 0.5] } },
  {
    name: 'f32 NaN through the sigmoid',
    problem: { dtype: 'f32', elements: 77, activation: 'sigmoid', limits: [0, 0] },
    distribution: 'nan',
  },
];
