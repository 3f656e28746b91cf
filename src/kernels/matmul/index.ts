import type { MatmulProblem } from '../../reference/matmul.ts';
import type { Operation } from '../define.ts';
import { matmulContract } from './contract.ts';
import { direct } from './direct.ts';
import { naive } from './naive.ts';
import { slices } from './slices.ts';
import { split } from './split.ts';
import { subgroupMatrix } from './subgroupMatrix.ts';
import { tiled } from './tiled.ts';
import { vectorAxpy } from './vectorAxpy.ts';
import { vectorDot } from './vectorDot.ts';

/** Matrix product; the order of the kernels is the order of preference. */
export const matmulOperation: Operation<MatmulProblem> = {
  ...matmulContract,
  kernels: [vectorDot, vectorAxpy, direct, subgroupMatrix, split, tiled, slices, naive],
};
