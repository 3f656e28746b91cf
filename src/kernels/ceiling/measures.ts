import type { OwnMeasures } from '../define.ts';
import {
  FMA_CHAINS,
  FMA_ROUND,
  MATRIX_CHAINS,
  MATRIX_ROUND,
  type FmaChainProblem,
  type MatrixChainProblem,
} from './contract.ts';

/** Of copying, reading and writing. */
export const memoryMeasures: OwnMeasures<unknown> = {
  dtype: () => 'u32',
  shapeClass: () => 'any',
  flops: () => 0,
};

export const fmaChainMeasures: OwnMeasures<FmaChainProblem> = {
  dtype: ({ dtype }) => dtype,
  shapeClass: () => 'any',
  flops: ({ invocations, rounds, dtype }) =>
    (dtype === 'i8' ? 8 : 2) * invocations * FMA_CHAINS * 4 * rounds * FMA_ROUND,
};

export const matrixChainMeasures: OwnMeasures<MatrixChainProblem> = {
  dtype: ({ component }) => component,
  shapeClass: () => 'any',
  flops: ({ m, n, k, subgroups, rounds }) =>
    2 * m * n * k * MATRIX_CHAINS * subgroups * rounds * MATRIX_ROUND,
};
