import type { SoftmaxProblem } from '../../reference/softmax.ts';
import type { Operation } from '../define.ts';
import { column } from './column.ts';
import { slicesOnDemand } from '../onDemand.ts';
import { softmaxContract } from './contract.ts';
import { naive } from './naive.ts';
import { online } from './online.ts';
import { row } from './row.ts';
import { split } from './split.ts';

const slices = slicesOnDemand('softmax/slices', async () => (await import('./slices.ts')).slices);

/** Softmax along an axis; the order of the kernels is the order of preference. */
export const softmaxOperation: Operation<SoftmaxProblem> = {
  ...softmaxContract,
  kernels: [row, split, online, slices, column, naive],
};
