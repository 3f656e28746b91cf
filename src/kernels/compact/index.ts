import type { CompactProblem } from '../../reference/compact.ts';
import type { Operation } from '../define.ts';
import { compactContract } from './contract.ts';
import { naive } from './naive.ts';
import { tiles } from './tiles.ts';

/** Keeping what a mask says; the order of the kernels is the order of preference. */
export const compactOperation: Operation<CompactProblem> = {
  ...compactContract,
  kernels: [tiles, naive],
};
