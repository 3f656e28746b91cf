import type { ScanProblem } from '../../reference/scan.ts';
import type { Operation } from '../define.ts';
import { scanContract } from './contract.ts';
import { exact } from './exact.ts';
import { lookback } from './lookback.ts';
import { naive } from './naive.ts';
import { tiles } from './tiles.ts';

/** Running sums, products and extremes along an axis; the order of the kernels is the order of preference. */
export const scanOperation: Operation<ScanProblem> = {
  ...scanContract,
  kernels: [lookback, tiles, exact, naive],
};
