import type { MatrixShape } from '../../reference/ceiling.ts';
import type { TensorSpec } from '../../tensor.ts';
import type { Contract } from '../define.ts';

/** Copies `vectors` times 16 bytes. */
export interface CopyProblem {
  readonly vectors: number;
}

export const copyContract: Contract<CopyProblem> = {
  name: 'copy',
  inputs: ({ vectors }) => [{ shape: [vectors, 4], dtype: 'u32' }],
  outputs: ({ vectors }) => [{ shape: [vectors, 4], dtype: 'u32' }],
  key: ({ vectors }) => `${vectors}`,
};

/** Writes `value` to `vectors` times 16 bytes. */
export interface WriteProblem {
  readonly vectors: number;
  /** Of 32 bits. */
  readonly value: number;
}

export const writeContract: Contract<WriteProblem> = {
  name: 'write',
  inputs: () => [],
  outputs: ({ vectors }) => [{ shape: [vectors, 4], dtype: 'u32' }],
  key: ({ vectors, value }) => `${vectors},${value}`,
};

/** Reads `runs` of `perInvocation` x `neighbours` vectors of 16 bytes, and writes `neighbours` of each. */
export interface ReadProblem {
  /** Stretches of memory that are read at once. */
  readonly runs: number;
  /** A multiple of 4. */
  readonly perInvocation: number;
  /** Invocations that read a run together, neighbouring vectors at a time. */
  readonly neighbours: number;
}

export const readContract: Contract<ReadProblem> = {
  name: 'read',
  inputs: ({ runs, perInvocation, neighbours }) => [
    { shape: [runs, perInvocation, neighbours, 4], dtype: 'u32' },
  ],
  outputs: ({ runs, neighbours }) => [{ shape: [runs * neighbours, 4], dtype: 'u32' }],
  key: ({ runs, perInvocation, neighbours }) => `${runs},${perInvocation},${neighbours}`,
};

/** Vectors of four that an invocation takes through the recurrence at once; `CHAINS` in the shader. */
export const FMA_CHAINS = 8;
/** Steps between two looks at the loop's bound; `ROUND` in the shader. */
export const FMA_ROUND = 16;

/**
 * `rounds` x `FMA_ROUND` steps on each of `invocations` x 32 elements: multiply-adds of floats, or dot products of four i8 added
 * to an i32.
 */
export interface FmaChainProblem {
  readonly invocations: number;
  readonly rounds: number;
  readonly dtype: 'f32' | 'f16' | 'i8';
}

/**
 * Both numbers are exact in f16. A multiplier near -1 keeps all bits changing from step to step, which is what real
 * work does to the power drawn; one of exactly -1 would let errors pile up.
 */
export const FMA_MULTIPLIER = -63 / 64;
export const FMA_ADDEND = 0.5;

/** Four bytes, 113, -37, 95 and -63: odd and of both signs, so that all bits of the sums keep changing. */
export const DOT_FACTORS = 0xc15fdb71;

/** Elements that are carried on: sums of products of i8 are of i32. */
const chainSpecs = ({ invocations, dtype }: FmaChainProblem): readonly TensorSpec[] => [
  { shape: [invocations, FMA_CHAINS, 4], dtype: dtype === 'i8' ? 'i32' : dtype },
];

export const fmaChainContract: Contract<FmaChainProblem> = {
  name: 'fmaChain',
  inputs: chainSpecs,
  outputs: chainSpecs,
  key: ({ invocations, rounds, dtype }) => `${invocations},${rounds},${dtype}`,
};

/** Tiles that a subgroup sums at once; `CHAINS` in the shader. */
export const MATRIX_CHAINS = 8;
/** Products between two looks at the loop's bound; `ROUND` in the shader. */
export const MATRIX_ROUND = 8;

/** `rounds` x `MATRIX_ROUND` products of matrices of f16, or i8, added in f32, or i32, to each of `subgroups` x `MATRIX_CHAINS` tiles. */
export interface MatrixChainProblem extends MatrixShape {
  readonly component: 'f16' | 'i8';
  readonly subgroups: number;
  readonly rounds: number;
}

/** Type of the sums. */
export const matrixSum = ({ component }: Pick<MatrixChainProblem, 'component'>): 'f32' | 'i32' =>
  component === 'i8' ? 'i32' : 'f32';

export const matrixChainContract: Contract<MatrixChainProblem> = {
  name: 'matrixChain',
  inputs: ({ m, n, k, subgroups, component }) => [
    { shape: [m, k], dtype: component },
    { shape: [k, n], dtype: component },
    { shape: [subgroups, MATRIX_CHAINS, m, n], dtype: matrixSum({ component }) },
  ],
  outputs: (problem) => [
    { shape: [problem.subgroups, MATRIX_CHAINS, problem.m, problem.n], dtype: matrixSum(problem) },
  ],
  key: ({ m, n, k, subgroups, rounds, component }) => `${m},${n},${k},${subgroups},${rounds},${component}`,
};
