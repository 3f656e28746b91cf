import type { ScanProblem } from '../../reference/scan.ts';
import type { Contract } from '../define.ts';

export const scanContract: Contract<ScanProblem> = {
  name: 'scan',
  inputs({ outer, length, inner, dtype, segments }) {
    const x = { shape: [outer, length, inner], dtype };
    return segments === undefined ? [x] : [x, { shape: [segments + 1], dtype: 'u32' }];
  },
  outputs: ({ outer, length, inner, dtype }) => [{ shape: [outer, length, inner], dtype }],
  key: (p) =>
    `${JSON.stringify(p.operator)},${p.dtype},${p.outer},${p.length},${p.inner},${p.exclusive},${p.reverse},${p.segments},${p.reproducible}`,
  slicing: {
    sizes: ({ outer, segments }) => (segments === undefined ? [outer] : []),
    slice: (problem, _axis, [begin, end]) => ({ ...problem, outer: end - begin }),
  },
};
