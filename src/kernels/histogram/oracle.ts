import { type HistogramProblem } from '../../reference/histogram.ts';
import { histogramReference } from '../../reference/histogramReference.ts';
import type { Oracle } from '../define.ts';

export const histogramOracle: Oracle<HistogramProblem> = {
  reference: (problem, [x]) => [histogramReference(problem, x!)],
  /** Counts are integers, and an element's bin is defined to the bit: exact. */
  errorBound: ({ bins }) => [new Float64Array(bins)],
};
