import type { MatmulProblem } from '../../reference/matmul.ts';
import type { Operation } from '../define.ts';
import { slicesOnDemand } from '../onDemand.ts';
import { matmulContract } from './contract.ts';
import { direct } from './direct.ts';
import { naive } from './naive.ts';
import { split, subgroupMatrix } from './onMatrices.ts';
import { tiled } from './tiled.ts';
import { vectorAxpy } from './vectorAxpy.ts';
import { vectorDot } from './vectorDot.ts';

const slices = slicesOnDemand('matmul/slices', async () => (await import('./sliced.ts')).slices);

/** Matrix product; the order of the kernels is the order of preference. */
export const matmulOperation: Operation<MatmulProblem> = {
  ...matmulContract,
  kernels: [vectorDot, vectorAxpy, direct, subgroupMatrix, split, tiled, slices, naive],
};
