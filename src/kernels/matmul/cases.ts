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
  [19, 13, 1],
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

/** Every transpose, with something done to the sums; lines that start anywhere, and at multiples of 8. */
const transposes: readonly Case<MatmulProblem>[] = (
  [
    ['f32 a^T, bias and relu', { transposeA: true, bias: true, activation: 'relu' }],
    ['f32 b^T, gelu', { transposeB: true, activation: 'gelu' }],
    ['f32 a^T b^T, geluTanh', { transposeA: true, transposeB: true, activation: 'geluTanh' }],
    ['f16 a^T', { dtype: 'f16', transposeA: true }],
    ['f16 b^T, bias and silu', { dtype: 'f16', transposeB: true, bias: true, activation: 'silu' }],
    ['f16 a^T b^T, bias', { dtype: 'f16', transposeA: true, transposeB: true, bias: true }],
  ] as const
).flatMap(([name, options]) =>
  (
    [
      [33, 37, 19],
      [40, 48, 24],
    ] as const
  ).map(([m, n, k]) => ({ name: `${name}, ${m}x${n}x${k}`, problem: matmulProblem(m, n, k, options) })),
);

/**
 * Few rows and single columns, with lines that start at multiples of 8, of 4, and anywhere. What is done to the sums is as
 * above, so that most kernels need no other shader.
 */
const vectors: readonly Case<MatmulProblem>[] = (
  [
    ['f32 single row', 1, 48, 264, {}],
    ['f32 b^T, gelu, 3 rows', 3, 44, 132, { transposeB: true, activation: 'gelu' }],
    ['f32 a^T, bias and relu, single row', 1, 37, 299, { transposeA: true, bias: true, activation: 'relu' }],
    [
      'f32 a^T, bias and relu, single column',
      45,
      1,
      71,
      { transposeA: true, bias: true, activation: 'relu' },
    ],
    ['f16 2 rows', 2, 136, 72, { dtype: 'f16' }],
    [
      'f16 b^T, bias and silu, single row',
      1,
      36,
      264,
      { dtype: 'f16', transposeB: true, bias: true, activation: 'silu' },
    ],
    [
      'f16 b^T, bias and silu, 16 rows',
      16,
      12,
      44,
      { dtype: 'f16', transposeB: true, bias: true, activation: 'silu' },
    ],
    [
      'f16 b^T, bias and silu, single column',
      45,
      1,
      71,
      { dtype: 'f16', transposeB: true, bias: true, activation: 'silu' },
    ],
    [
      'f32 single columns in batches',
      18,
      1,
      20,
      {
        batchDims: [1, 1, 2, 3],
        batchStridesA: [0, 0, 1, 0],
        batchStridesB: [0, 0, 0, 1],
        matricesA: 2,
        matricesB: 3,
      },
    ],
  ] as const
).map(([name, m, n, k, options]) => ({ name, problem: matmulProblem(m, n, k, options) }));

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

const values: readonly Case<MatmulProblem>[] = [
  // Long sums, where a bound that is too loose would let lost digits through.
  { name: 'f32 long sums', problem: matmulProblem(20, 24, 4100) },
  { name: 'f16 long sums', problem: matmulProblem(20, 24, 4096, { dtype: 'f16', transposeB: true }) },
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
  ...values,
];
