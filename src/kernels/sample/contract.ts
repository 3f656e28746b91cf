import type { SampleProblem } from '../../reference/sample.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { bytesOf } from '../bytesOf.ts';
import type { Contract } from '../define.ts';

/** Subtraction, multiplication, exp, addition: one operation each. */
const FLOPS_PER_ELEMENT = 4;

export const sampleContract: Contract<SampleProblem> = {
  name: 'sample',
  inputs({ dtype, rows, length, chosen }) {
    const shape = [rows, length];
    return chosen
      ? [
          { shape, dtype },
          { shape, dtype: 'u32' },
        ]
      : [{ shape, dtype }];
  },
  outputs: ({ rows }) => [{ shape: [rows], dtype: 'u32' }],
  key: (p) =>
    `${p.dtype},${p.rows},${p.length},${p.chosen},${p.scale},${p.minP},${p.topP},${p.seed},${p.step}`,
  dtype: ({ dtype }) => dtype,
  shapeClass: ({ length }) => (length <= 4096 ? 'few' : 'many'),
  flops: ({ rows, length }) => FLOPS_PER_ELEMENT * rows * length,
  bytes: (problem) =>
    bytesOf([...sampleContract.inputs(problem), ...sampleContract.outputs(problem)], dtypeSizeBytes),
};
