// What bounds every other kernel: copying, reading, writing, multiply-adds and matrix products with nothing else to do. They are operations
// like the others so that they are planned, checked and timed like the others; users find all but writing in `tilewise/ceilings`.
import type { Operation } from '../define.ts';
import {
  copyContract,
  fmaChainContract,
  matrixChainContract,
  readContract,
  writeContract,
  type CopyProblem,
  type FmaChainProblem,
  type MatrixChainProblem,
  type ReadProblem,
  type WriteProblem,
} from './contract.ts';
import { copy } from './copy.ts';
import { fmaChain } from './fmaChain.ts';
import { matrixChain } from './matrixChain.ts';
import { read } from './read.ts';
import { write } from './write.ts';

export const copyOperation: Operation<CopyProblem> = { ...copyContract, kernels: [copy] };
export const readOperation: Operation<ReadProblem> = { ...readContract, kernels: [read] };
export const writeOperation: Operation<WriteProblem> = { ...writeContract, kernels: [write] };
export const fmaChainOperation: Operation<FmaChainProblem> = { ...fmaChainContract, kernels: [fmaChain] };
export const matrixChainOperation: Operation<MatrixChainProblem> = {
  ...matrixChainContract,
  kernels: [matrixChain],
};
