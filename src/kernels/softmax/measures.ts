import type { SoftmaxProblem } from '../../reference/softmax.ts';
import type { OwnMeasures } from '../define.ts';

/** Subtraction, exp, addition, division: one operation each. */
const FLOPS_PER_ELEMENT = 4;

export const softmaxMeasures: OwnMeasures<SoftmaxProblem> = {
  dtype: ({ dtype }) => dtype,
  shapeClass({ outer, length, inner }) {
    const layout = inner === 1 ? 'rows' : 'columns';
    const count = outer * inner < 256 ? 'few' : 'many';
    return `${layout}-${count}-${length < 1024 ? 'short' : length < 16_384 ? 'medium' : 'long'}`;
  },
  flops: ({ outer, length, inner }) => FLOPS_PER_ELEMENT * outer * length * inner,
};
