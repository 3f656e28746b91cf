import type { ReductionProblem } from '../../reference/reduction.ts';
import type { Operation } from '../define.ts';
import { slicesOnDemand } from '../onDemand.ts';
import { column } from './column.ts';
import { reductionContract } from './contract.ts';
import { naive } from './naive.ts';
import { row } from './row.ts';

const slices = slicesOnDemand('reduction/slices', async () => (await import('./slices.ts')).slices);

/** Sums, means, extremes and their positions along axes; the order of the kernels is the order of preference. */
export const reductionOperation: Operation<ReductionProblem> = {
  ...reductionContract,
  kernels: [slices, row, column, naive],
};
