import type { SampleProblem } from '../../reference/sample.ts';
import type { OwnMeasures } from '../define.ts';

/** Subtraction, multiplication, exp, addition: one operation each. */
const FLOPS_PER_ELEMENT = 4;

export const sampleMeasures: OwnMeasures<SampleProblem> = {
  dtype: ({ dtype }) => dtype,
  shapeClass: ({ length }) => (length <= 4096 ? 'few' : 'many'),
  flops: ({ rows, length }) => FLOPS_PER_ELEMENT * rows * length,
};
