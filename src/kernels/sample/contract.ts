import type { SampleProblem } from '../../reference/sample.ts';
import type { Contract } from '../define.ts';

export const sampleContract: Contract<SampleProblem> = {
  name: 'sample',
  inputs({ dtype, rows, length, chosen }) {
    const shape = [rows, length];
    return chosen
      ? [
          { shape, dtype },
          { shape, dtype: 'u32' },
        ]
      : [{ shape, dtype }];
  },
  outputs: ({ rows }) => [{ shape: [rows], dtype: 'u32' }],
  key: (p) =>
    `${p.dtype},${p.rows},${p.length},${p.chosen},${p.scale},${p.minP},${p.topP},${p.seed},${p.step}`,
};
