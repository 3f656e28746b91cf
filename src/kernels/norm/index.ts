import type { NormProblem } from '../../reference/norm.ts';
import type { Operation } from '../define.ts';
import { normContract } from './contract.ts';
import { naive } from './naive.ts';
import { row } from './row.ts';

/** Layer, group and root mean square normalisation; the order of the kernels is the order of preference. */
export const normOperation: Operation<NormProblem> = {
  ...normContract,
  kernels: [row, naive],
};
