import type { ScanProblem } from '../../reference/scan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { bytesOf } from '../bytesOf.ts';
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
  dtype: ({ dtype }) => dtype,
  slicing: {
    sizes: ({ outer, segments }) => (segments === undefined ? [outer] : []),
    slice: (problem, _axis, [begin, end]) => ({ ...problem, outer: end - begin }),
  },
  shapeClass({ outer, length, inner, segments }) {
    if (segments !== undefined) return `segments-${length < 64 * segments ? 'short' : 'long'}`;
    const layout = inner === 1 ? 'rows' : 'columns';
    return `${layout}-${outer * inner < 256 ? 'few' : 'many'}-${length < 4096 ? 'short' : 'long'}`;
  },
  flops: ({ outer, length, inner }) => outer * length * inner,
  bytes: (problem) =>
    bytesOf([...scanContract.inputs(problem), ...scanContract.outputs(problem)], dtypeSizeBytes),
};
