import { gridSize } from '../../reference/grids.ts';
import type { NormBackwardProblem } from '../../reference/norm.ts';
import type { OwnMeasures } from '../define.ts';

/** Statistics 4, products and sums of two means 5, the result 5, sums of channels 4. */
const FLOPS_PER_ELEMENT = 18;

export const normBackwardMeasures: OwnMeasures<NormBackwardProblem> = {
  dtype: ({ dtype }) => dtype,
  shapeClass({ keptDims, reducedDims }) {
    const length = gridSize(reducedDims);
    return `${gridSize(keptDims) < 256 ? 'few' : 'many'}-${length < 1024 ? 'short' : length < 16_384 ? 'medium' : 'long'}`;
  },
  flops: ({ keptDims, reducedDims }) => FLOPS_PER_ELEMENT * gridSize(keptDims) * gridSize(reducedDims),
};
