import type { HistogramProblem } from '../../reference/histogram.ts';
import type { Operation } from '../define.ts';
import { histogramContract } from './contract.ts';
import { local } from './local.ts';
import { naive } from './naive.ts';

/** How many elements there are in each bin; the order of the kernels is the order of preference. */
export const histogramOperation: Operation<HistogramProblem> = {
  ...histogramContract,
  kernels: [local, naive],
};
