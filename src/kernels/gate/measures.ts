import type { GateProblem } from '../../reference/gate.ts';
import type { OwnMeasures } from '../define.ts';

export const gateMeasures: OwnMeasures<GateProblem> = {
  dtype: ({ dtype }) => dtype,
  shapeClass: () => 'any',
  flops: ({ elements }) => 2 * elements,
};
