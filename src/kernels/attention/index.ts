import type { AttentionProblem } from '../../reference/attention.ts';
import type { Operation } from '../define.ts';
import { attentionContract } from './contract.ts';
import { NO_MATRICES } from '../lib.ts';
import { kernelOnDemand, slicesOnDemand } from '../onDemand.ts';
import { decode } from './decode.ts';
import { flash } from './flash.ts';
import { naive } from './naive.ts';

const flashMatrix = kernelOnDemand(
  'attention/flashMatrix',
  'matrices',
  async () => (await import('./flashMatrix.ts')).flashMatrix,
  NO_MATRICES,
);

const slices = slicesOnDemand('attention/slices', async () => (await import('./slices.ts')).slices);

/** Attention; the order of the kernels is the order of preference. */
export const attentionOperation: Operation<AttentionProblem> = {
  ...attentionContract,
  kernels: [decode, flashMatrix, flash, slices, naive],
};
