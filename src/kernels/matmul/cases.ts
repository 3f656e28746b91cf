import type { MatmulProblem } from '../../reference/matmul.ts';
import type { Case } from '../define.ts';

type Options = Partial<Omit<MatmulProblem, 'm' | 'n' | 'k'>>;

/** A product of single matrices, unless `options` says otherwise. */
export function matmulProblem(m: number, n: number, k: number, options: Options = {}): MatmulProblem {
  return {
    m,
    n,
    k,
    dtype: 'f32',
    transposeA: false,
    transposeB: false,
    batchDims: [1, 1, 1, 1],
    batchStridesA: [0, 0, 0, 0],
    batchStridesB: [0, 0, 0, 0],
    matricesA: 1,
    matricesB: 1,
    bias: false,
    activation: 'none',
    ...options,
  };
}

/** Around the sizes of tiles, of subgroup matrices and of vectors; primes; single rows and columns; nothing to sum. */
const SIZES: readonly (readonly [m: number, n: number, k: number])[] = [
  [1, 1, 1],
  [1, 65, 33],
  [67, 1, 5],
  [7, 13, 1],
  [5, 3, 0],
  [15, 17, 16],
  [31, 33, 63],
  [32, 64, 32],
  [64, 64, 64],
  [65, 63, 65],
  [97, 101, 103],
  [128, 128, 48],
  [129, 132, 20],
];

const DTYPES = ['f32', 'f16'] as const;

const shapes = DTYPES.flatMap((dtype) =>
  SIZES.map(([m, n, k]): Case<MatmulProblem> => ({
    name: `${dtype} ${m}x${n}x${k}`,
    problem: matmulProblem(m, n, k, { dtype }),
  })),
);

const transposes = DTYPES.flatMap((dtype) =>
  (
    [
      [true, false],
      [false, true],
      [true, true],
    ] as const
  ).flatMap(([transposeA, transposeB]) =>
    (
      [
        [33, 37, 19],
        [64, 128, 32],
      ] as const
    ).map(([m, n, k]): Case<MatmulProblem> => ({
      name: `${dtype} ${m}x${n}x${k}${transposeA ? ' a^T' : ''}${transposeB ? ' b^T' : ''}`,
      problem: matmulProblem(m, n, k, { dtype, transposeA, transposeB }),
    })),
  ),
);

/** Few rows and single columns, with lines that start at multiples of 8, of 4, and anywhere. */
const vectors: readonly Case<MatmulProblem>[] = [
  { name: 'f16 1x36x264 b^T', problem: matmulProblem(1, 36, 264, { dtype: 'f16', transposeB: true }) },
  { name: 'f32 3x42x132 b^T', problem: matmulProblem(3, 42, 132, { transposeB: true, bias: true }) },
  { name: 'f16 16x9x44 b^T', problem: matmulProblem(16, 9, 44, { dtype: 'f16', transposeB: true }) },
  { name: 'f16 2x136x70', problem: matmulProblem(2, 136, 70, { dtype: 'f16', bias: true }) },
  { name: 'f32 1x44x300 a^T', problem: matmulProblem(1, 44, 300, { transposeA: true }) },
  { name: 'f16 45x1x72 bias', problem: matmulProblem(45, 1, 72, { dtype: 'f16', bias: true }) },
  { name: 'f32 44x1x70 a^T bias', problem: matmulProblem(44, 1, 70, { transposeA: true, bias: true }) },
  {
    name: 'f32 single columns in batches',
    problem: matmulProblem(18, 1, 20, {
      batchDims: [1, 1, 2, 3],
      batchStridesA: [0, 0, 1, 0],
      batchStridesB: [0, 0, 0, 1],
      matricesA: 2,
      matricesB: 3,
    }),
  },
];

/** An operand shared by all batches, by the outer axis, by the inner one, and both operands at once. */
const batches: readonly Case<MatmulProblem>[] = [
  {
    name: 'f32 batches of both',
    problem: matmulProblem(17, 19, 23, {
      batchDims: [1, 1, 1, 5],
      batchStridesA: [0, 0, 0, 1],
      batchStridesB: [0, 0, 0, 1],
      matricesA: 5,
      matricesB: 5,
    }),
  },
  {
    name: 'f16 b shared by all batches',
    problem: matmulProblem(33, 40, 24, {
      dtype: 'f16',
      batchDims: [1, 1, 1, 3],
      batchStridesA: [0, 0, 0, 1],
      matricesA: 3,
    }),
  },
  {
    name: 'f32 a broadcast along the inner batch axis, b along the outer',
    problem: matmulProblem(9, 20, 16, {
      batchDims: [1, 1, 2, 3],
      batchStridesA: [0, 0, 1, 0],
      batchStridesB: [0, 0, 0, 1],
      matricesA: 2,
      matricesB: 3,
    }),
  },
  {
    name: 'f16 four batch axes, transposed',
    problem: matmulProblem(20, 12, 36, {
      dtype: 'f16',
      transposeA: true,
      transposeB: true,
      batchDims: [2, 3, 2, 2],
      batchStridesA: [6, 2, 0, 1],
      batchStridesB: [2, 0, 1, 0],
      matricesA: 12,
      matricesB: 4,
    }),
  },
];

const epilogues = DTYPES.flatMap((dtype) =>
  (['none', 'relu', 'gelu', 'geluTanh', 'silu'] as const).map((activation): Case<MatmulProblem> => ({
    name: `${dtype} bias and ${activation}`,
    problem: matmulProblem(34, 68, 20, { dtype, bias: true, activation }),
  })),
);

const values: readonly Case<MatmulProblem>[] = [
  { name: 'f32 outliers', problem: matmulProblem(40, 48, 200), distribution: 'outliers' },
  { name: 'f16 outliers', problem: matmulProblem(40, 48, 200, { dtype: 'f16' }), distribution: 'outliers' },
  { name: 'f32 infinities', problem: matmulProblem(33, 36, 40), distribution: 'infinities' },
  { name: 'f16 NaN', problem: matmulProblem(33, 36, 40, { dtype: 'f16' }), distribution: 'nan' },
  {
    name: 'f32 NaN with relu',
    problem: matmulProblem(33, 36, 40, { activation: 'relu' }),
    distribution: 'nan',
  },
];

export const matmulCases: readonly Case<MatmulProblem>[] = [
  ...shapes,
  ...transposes,
  ...vectors,
  ...batches,
  ...epilogues,
  ...values,
];
