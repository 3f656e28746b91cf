import type { SortProblem } from '../../reference/sort.ts';
import type { Operation } from '../define.ts';
import { slicesOnDemand } from '../onDemand.ts';
import { bitonic } from './bitonic.ts';
import { sortContract } from './contract.ts';
import { naive } from './naive.ts';
import { radix } from './radix.ts';
import { select } from './select.ts';

const slices = slicesOnDemand('sort/slices', async () => (await import('./slices.ts')).slices);

/** Sorting along an axis, wholly or the first few; the order of the kernels is the order of preference. */
export const sortOperation: Operation<SortProblem> = {
  ...sortContract,
  kernels: [bitonic, select, radix, slices, naive],
};
