import type { NormBackwardProblem } from '../../reference/norm.ts';
import type { Operation } from '../define.ts';
import { slicesOnDemand } from '../onDemand.ts';
import { normBackwardContract } from './contract.ts';
import { naive } from './naive.ts';
import { row } from './row.ts';

const slices = slicesOnDemand('normBackward/slices', async () => (await import('./slices.ts')).slices);
const rowSlices = slicesOnDemand(
  'normBackward/rowSlices',
  async () => (await import('./rowSlices.ts')).rowSlices,
);

/** Gradients of norms; the order of the kernels is the order of preference. */
export const normBackwardOperation: Operation<NormBackwardProblem> = {
  ...normBackwardContract,
  kernels: [slices, rowSlices, row, naive],
};
