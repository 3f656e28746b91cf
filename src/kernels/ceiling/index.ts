// What bounds every other kernel: copying, reading, writing, multiply-adds and matrix products with nothing else to do. They are operations
// like the others so that they are planned, checked and timed like the others, but no user calls them.
import type { CheckedOperation } from '../define.ts';
import {
  copyContract,
  copyOracle,
  fmaChainContract,
  fmaChainOracle,
  matrixChainContract,
  matrixChainOracle,
  readContract,
  readOracle,
  writeContract,
  writeOracle,
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

export const copyOperation: CheckedOperation<CopyProblem> = {
  ...copyContract,
  ...copyOracle,
  kernels: [copy],
};
export const readOperation: CheckedOperation<ReadProblem> = {
  ...readContract,
  ...readOracle,
  kernels: [read],
};
export const writeOperation: CheckedOperation<WriteProblem> = {
  ...writeContract,
  ...writeOracle,
  kernels: [write],
};
export const fmaChainOperation: CheckedOperation<FmaChainProblem> = {
  ...fmaChainContract,
  ...fmaChainOracle,
  kernels: [fmaChain],
};
export const matrixChainOperation: CheckedOperation<MatrixChainProblem> = {
  ...matrixChainContract,
  ...matrixChainOracle,
  kernels: [matrixChain],
};
