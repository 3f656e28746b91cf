import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import type { Operation } from '../define.ts';
import { NO_MATRICES } from '../lib.ts';
import { kernelOnDemand, slicesOnDemand } from '../onDemand.ts';
import { attentionBackwardContract } from './contract.ts';
import { rows } from './byRows.ts';
import { tiles } from './byTiles.ts';

const matrices = kernelOnDemand(
  'attentionBackward/matrices',
  'matrices',
  async () => (await import('./matrices.ts')).matrices,
  NO_MATRICES,
);

const slices = slicesOnDemand('attentionBackward/slices', async () => (await import('./slices.ts')).slices);

/** Gradients of attention; the order of the kernels is the order of preference. */
export const attentionBackwardOperation: Operation<BackwardProblem> = {
  ...attentionBackwardContract,
  kernels: [matrices, tiles, slices, rows],
};
