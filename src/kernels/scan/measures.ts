import type { ScanProblem } from '../../reference/scan.ts';
import type { OwnMeasures } from '../define.ts';

export const scanMeasures: OwnMeasures<ScanProblem> = {
  dtype: ({ dtype }) => dtype,
  shapeClass({ outer, length, inner, segments }) {
    if (segments !== undefined) return `segments-${length < 64 * segments ? 'short' : 'long'}`;
    const layout = inner === 1 ? 'rows' : 'columns';
    return `${layout}-${outer * inner < 256 ? 'few' : 'many'}-${length < 4096 ? 'short' : 'long'}`;
  },
  flops: ({ outer, length, inner }) => outer * length * inner,
};
