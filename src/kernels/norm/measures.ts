import { gridSize } from '../../reference/grids.ts';
import type { NormProblem } from '../../reference/norm.ts';
import type { OwnMeasures } from '../define.ts';

/** Sum, difference, square, sum, product, scale, bias: one operation each. */
const FLOPS_PER_ELEMENT = 7;

export const normMeasures: OwnMeasures<NormProblem> = {
  dtype: ({ dtype }) => dtype,
  shapeClass({ keptDims, reducedDims }) {
    const length = gridSize(reducedDims);
    return `${gridSize(keptDims) < 256 ? 'few' : 'many'}-${length < 1024 ? 'short' : length < 16_384 ? 'medium' : 'long'}`;
  },
  flops: ({ keptDims, reducedDims }) => FLOPS_PER_ELEMENT * gridSize(keptDims) * gridSize(reducedDims),
};
