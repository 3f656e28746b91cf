import type { SoftmaxProblem } from '../../reference/softmax.ts';
import type { OwnMeasures } from '../define.ts';
import { softmaxMeasures } from '../softmax/measures.ts';

/** Product, sum, difference, product: one operation each. */
const FLOPS_PER_ELEMENT = 4;

export const softmaxBackwardMeasures: OwnMeasures<SoftmaxProblem> = {
  ...softmaxMeasures,
  flops: ({ outer, length, inner }) => FLOPS_PER_ELEMENT * outer * length * inner,
};
