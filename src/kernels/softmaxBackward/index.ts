import type { SoftmaxProblem } from '../../reference/softmax.ts';
import type { Operation } from '../define.ts';
import { softmaxBackwardContract } from './contract.ts';
import { naive } from './naive.ts';
import { row } from './row.ts';

/** Gradients of softmax along an axis; the order of the kernels is the order of preference. */
export const softmaxBackwardOperation: Operation<SoftmaxProblem> = {
  ...softmaxBackwardContract,
  kernels: [row, naive],
};
