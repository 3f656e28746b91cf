import type { NormProblem } from '../../reference/norm.ts';
import type { Operation } from '../define.ts';
import { slicesOnDemand } from '../onDemand.ts';
import { normContract } from './contract.ts';
import { naive } from './naive.ts';
import { row } from './row.ts';

const slices = slicesOnDemand('norm/slices', async () => (await import('./slices.ts')).slices);

/** Layer, group and root mean square normalisation; the order of the kernels is the order of preference. */
export const normOperation: Operation<NormProblem> = {
  ...normContract,
  kernels: [slices, row, naive],
};
