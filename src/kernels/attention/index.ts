import type { AttentionProblem } from '../../reference/attention.ts';
import type { Operation } from '../define.ts';
import { attentionContract } from './contract.ts';
import { decode } from './decode.ts';
import { flash } from './flash.ts';
import { flashMatrix } from './flashMatrix.ts';
import { naive } from './naive.ts';

/** Attention; the order of the kernels is the order of preference. */
export const attentionOperation: Operation<AttentionProblem> = {
  ...attentionContract,
  kernels: [decode, flashMatrix, flash, naive],
};
