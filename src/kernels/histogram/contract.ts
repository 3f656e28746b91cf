import type { HistogramProblem } from '../../reference/histogram.ts';
import type { Contract } from '../define.ts';

export const histogramContract: Contract<HistogramProblem> = {
  name: 'histogram',
  inputs: ({ length, dtype }) => [{ shape: [length], dtype }],
  outputs: ({ bins }) => [{ shape: [bins], dtype: 'u32' }],
  key: ({ dtype, length, bins, range }) => `${dtype},${length},${bins},${range?.join()}`,
};
