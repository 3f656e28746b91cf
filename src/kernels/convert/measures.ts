import type { ConvertProblem } from '../../reference/convert.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import type { OwnMeasures } from '../define.ts';

export const convertMeasures: OwnMeasures<ConvertProblem> = {
  dtype: ({ to }) => to,
  shapeClass: () => 'any',
  flops: () => 0,
  bytes: ({ dims, from, to }) =>
    dims.reduce((count, size) => count * size) * (dtypeSizeBytes(from) + dtypeSizeBytes(to)),
};
