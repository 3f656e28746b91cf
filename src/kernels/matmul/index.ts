import type { MatmulProblem } from '../../reference/matmul.ts';
import type { Operation } from '../define.ts';
import { matmulContract } from './contract.ts';
import { naive } from './naive.ts';
import { tiled } from './tiled.ts';

/** Matrix product; the order of the kernels is the order of preference. */
export const matmulOperation: Operation<MatmulProblem> = { ...matmulContract, kernels: [tiled, naive] };
