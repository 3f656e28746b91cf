import type { HistogramProblem } from '../../reference/histogram.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { bytesOf } from '../bytesOf.ts';
import type { Contract } from '../define.ts';

export const histogramContract: Contract<HistogramProblem> = {
  name: 'histogram',
  inputs: ({ length, dtype }) => [{ shape: [length], dtype }],
  outputs: ({ bins }) => [{ shape: [bins], dtype: 'u32' }],
  key: ({ dtype, length, bins, range }) => `${dtype},${length},${bins},${range?.join()}`,
  dtype: ({ dtype }) => dtype,
  shapeClass: ({ bins }) => (bins <= 4096 ? 'few-bins' : 'many-bins'),
  flops: ({ length }) => length,
  bytes: (problem) =>
    bytesOf([...histogramContract.inputs(problem), ...histogramContract.outputs(problem)], dtypeSizeBytes),
};
