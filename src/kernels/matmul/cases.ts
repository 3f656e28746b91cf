import { type MatmulProblem } from '../../reference/matmul.ts';
import type { Case } from '../define.ts';
import { matmulContract } from './contract.ts';
import { matmulProblem } from './problem.ts';

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
    }),
  },
  {
    name: 'f16 b shared by all batches',
    problem: matmulProblem(33, 40, 24, {
      dtype: 'f16',
      batchDims: [1, 1, 1, 3],
      batchStridesA: [0, 0, 0, 1],
    }),
  },
  {
    name: 'f32 a broadcast along the inner batch axis, b along the outer',
    problem: matmulProblem(9, 20, 16, {
      batchDims: [1, 1, 2, 3],
      batchStridesA: [0, 0, 1, 0],
      batchStridesB: [0, 0, 0, 1],
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
    }),
  },
];

const bf16 = { dtypeA: 'bf16', dtypeB: 'bf16' } as const;

/** Operands of 16 bits widened to f32, and of two types. */
const types: readonly Case<MatmulProblem>[] = (
  [
    ['bf16', 33, 40, 24, bf16],
    ['bf16', 35, 37, 19, bf16],
    ['bf16 a^T b^T', 40, 48, 24, { ...bf16, transposeA: true, transposeB: true }],
    ['bf16 b^T, single row', 1, 36, 264, { ...bf16, transposeB: true }],
    ['bf16 b^T, 3 rows of odd length', 3, 37, 75, { ...bf16, transposeB: true }],
    ['bf16 2 rows', 2, 136, 72, bf16],
    ['f32 by bf16', 33, 40, 36, { dtypeB: 'bf16' }],
    ['f32 by f16 b^T, single row', 1, 36, 264, { dtypeB: 'f16', transposeB: true }],
    ['f16 by f16 into f32', 40, 36, 24, { dtypeA: 'f16', dtypeB: 'f16' }],
    ['f16 summed in f16', 40, 36, 24, { dtype: 'f16', accumulate: 'f16' }],
    ['f16 b^T, summed in f16', 65, 63, 35, { dtype: 'f16', accumulate: 'f16', transposeB: true }],
  ] as const
).map(([name, m, n, k, options]) => ({
  name: `${name}, ${m}x${n}x${k}`,
  problem: matmulProblem(m, n, k, options),
}));

const twoBatches = {
  batchDims: [1, 1, 1, 2],
  batchStridesA: [0, 0, 0, 1],
  batchStridesB: [0, 0, 0, 1],
} as const;

const i8 = { dtype: 'i32' } as const;
/** Operands of i8 into floats. */
const dequantised = { dtypeA: 'i8', dtypeB: 'i8' } as const;

/**
 * Products of integers, around the sizes of tiles, of words and of eights; lines that start at multiples of 8, of 4, and
 * anywhere.
 */
const integers: readonly Case<MatmulProblem>[] = (
  [
    ['i8', 1, 1, 1, i8],
    ['i8, nothing to sum', 5, 3, 0, i8],
    ['i8', 19, 13, 3, i8],
    ['i8', 33, 40, 24, i8],
    ['i8', 65, 63, 65, i8],
    ['i8', 129, 132, 36, i8],
    ['i8 a^T', 33, 37, 19, { ...i8, transposeA: true }],
    ['i8 a^T', 40, 48, 24, { ...i8, transposeA: true }],
    ['i8 b^T', 33, 37, 19, { ...i8, transposeB: true }],
    ['i8 b^T', 64, 128, 64, { ...i8, transposeB: true }],
    ['i8 a^T b^T', 36, 44, 68, { ...i8, transposeA: true, transposeB: true }],
    ['i8 b^T, single row', 1, 36, 264, { ...i8, transposeB: true }],
    ['i8 b^T, single row of odd length', 1, 37, 299, { ...i8, transposeB: true }],
    ['i8 b^T, 3 rows', 3, 44, 132, { ...i8, transposeB: true }],
    ['i8 2 rows', 2, 136, 72, i8],
    ['i8 3 rows of odd length', 3, 37, 75, i8],
    ['i8 single column', 45, 1, 71, { ...i8, transposeA: true }],
    ['i8 long sums', 20, 24, 4100, i8],
    [
      'i8 parts, anywhere, in batches',
      20,
      24,
      16,
      {
        ...i8,
        gapA: { before: 3, between: 1 },
        gapB: { before: 1, between: 5 },
        gapC: { before: 7, between: 3 },
        batchDims: [1, 1, 2, 3],
        batchStridesA: [0, 0, 1, 0],
        batchStridesB: [0, 0, 0, 1],
      },
    ],
    [
      'i8 parts of b^T, by fours',
      33,
      40,
      24,
      { ...i8, transposeB: true, gapA: { before: 4, between: 12 }, gapB: { before: 12, between: 4 } },
    ],
    [
      'i8 into f32, scales, bias and silu',
      33,
      37,
      40,
      { ...dequantised, transposeB: true, scaleA: true, scaleB: true, bias: true, activation: 'silu' },
    ],
    [
      'i8 into f16, everything, single row',
      1,
      36,
      264,
      {
        ...dequantised,
        dtype: 'f16',
        transposeB: true,
        alpha: 0.125,
        scaleA: true,
        scaleB: true,
        bias: true,
        addend: 'matrix',
        residual: 'matrix',
      },
    ],
    [
      'i8 into f32, scales, single column',
      45,
      1,
      71,
      { ...dequantised, scaleA: true, scaleB: true, residual: 'rows' },
    ],
    [
      'i8 into f32, gated b^T, scale of columns',
      20,
      40,
      36,
      { ...dequantised, transposeB: true, gated: true, activation: 'silu', scaleB: true, alpha: 2 ** -12 },
    ],
    ['f32 with scales', 20, 23, 16, { scaleA: true, scaleB: true }],
    ['f32 with scales of each batch', 20, 24, 16, { scaleA: true, scaleB: true, ...twoBatches }],
  ] as const
).map(([name, m, n, k, options]) => ({
  name: `${name}, ${m}x${n}x${k}`,
  problem: matmulProblem(m, n, k, options),
}));

/** What is done to the sums, each alone and all together. */
const epilogues: readonly Case<MatmulProblem>[] = (
  [
    ['sigmoid', 20, 24, 16, { activation: 'sigmoid' }],
    ['tanh', 20, 24, 16, { activation: 'tanh' }],
    ['clip', 20, 24, 16, { activation: 'clip', limits: [-1.5, 2] }],
    ['alpha', 20, 23, 16, { alpha: -0.5 }],
    ['c and beta', 20, 23, 16, { addend: 'matrix', beta: 0.25 }],
    ['c of a scalar', 20, 24, 16, { addend: 'scalar' }],
    ['c by rows, residual of each batch', 20, 24, 16, { addend: 'rows', residual: 'result', ...twoBatches }],
    [
      'f16, everything',
      37,
      41,
      19,
      {
        dtype: 'f16',
        transposeB: true,
        alpha: 0.5,
        bias: true,
        addend: 'result',
        beta: 2,
        activation: 'silu',
        residual: 'result',
        ...twoBatches,
      },
    ],
    [
      'single row, everything',
      1,
      44,
      64,
      { bias: true, addend: 'matrix', activation: 'relu', residual: 'matrix' },
    ],
    [
      'single column, everything',
      45,
      1,
      71,
      { transposeA: true, bias: true, addend: 'matrix', residual: 'matrix' },
    ],
    ['gated b^T, SwiGLU', 33, 72, 24, { transposeB: true, gated: true, activation: 'silu' }],
    [
      'f16 gated b^T, everything',
      20,
      38,
      24,
      {
        dtype: 'f16',
        transposeB: true,
        gated: true,
        activation: 'silu',
        bias: true,
        residual: 'matrix',
      },
    ],
    ['gated b^T, single row', 1, 40, 264, { transposeB: true, gated: true, activation: 'gelu' }],
    ['gated, halves along lines', 9, 40, 24, { gated: true, activation: 'silu' }],
  ] as const
).map(([name, m, n, k, options]) => ({
  name: `${name}, ${m}x${n}x${k}`,
  problem: matmulProblem(m, n, k, options),
}));

/** Parts of larger tensors: lines that start where vectors do, and anywhere. */
const strided: readonly Case<MatmulProblem>[] = (
  [
    [
      'f32 parts, aligned',
      20,
      24,
      16,
      { gapA: { before: 8, between: 16 }, gapB: { before: 16, between: 8 }, gapC: { before: 4, between: 8 } },
    ],
    [
      'f32 parts, anywhere',
      20,
      24,
      16,
      { gapA: { before: 3, between: 1 }, gapB: { before: 1, between: 5 }, gapC: { before: 7, between: 3 } },
    ],
    [
      'f16 parts of b^T, in batches',
      33,
      40,
      24,
      {
        dtype: 'f16',
        transposeB: true,
        gapB: { before: 8, between: 8 },
        gapC: { before: 0, between: 1 },
        ...twoBatches,
      },
    ],
    ['f32 part of b^T, single row', 1, 36, 64, { transposeB: true, gapB: { before: 5, between: 3 } }],
  ] as const
).map(([name, m, n, k, options]) => ({
  name: `${name}, ${m}x${n}x${k}`,
  problem: matmulProblem(m, n, k, options),
}));

const int4 = { dtype: 'int4', blockSize: 32, scaleType: 'f16', zeroPoints: false } as const;
const int4Zeros = { ...int4, blockSize: 128, zeroPoints: true } as const;
const int8Zeros = { ...int4, dtype: 'int8', zeroPoints: true } as const;
const int8Rows = { ...int4, dtype: 'int8', blockSize: 'row', scaleType: 'f32' } as const;
const e4m3 = { ...int4, dtype: 'e4m3', blockSize: 128, scaleType: 'f32' } as const;
const e5m2 = { ...int4, dtype: 'e5m2' } as const;

/** Weights in a few bits: each format by one row, few and many, whole blocks and a few weights of one. */
const quantized: readonly Case<MatmulProblem>[] = (
  [
    ['f16 by int4', 1, 36, 264, { dtype: 'f16', quantized: int4 }],
    ['f16 by int4', 3, 37, 75, { dtype: 'f16', quantized: int4 }],
    ['f16 by int4', 40, 48, 64, { dtype: 'f16', quantized: int4 }],
    ['f32 by int4 with zero points', 1, 37, 299, { quantized: int4Zeros }],
    ['f32 by int4 with zero points', 33, 35, 131, { quantized: int4Zeros }],
    ['f16 by int4 with zero points', 65, 63, 130, { dtype: 'f16', quantized: int4Zeros }],
    ['f32 by int8 with zero points', 2, 45, 71, { quantized: int8Zeros }],
    ['f16 by int8 with zero points', 33, 40, 96, { dtype: 'f16', quantized: int8Zeros }],
    ['f32 by int8, a scale a row', 1, 20, 45, { quantized: int8Rows }],
    ['f16 by int8, a scale a row', 20, 12, 100, { dtype: 'f16', quantized: int8Rows }],
    ['bf16 by e4m3', 1, 33, 256, { dtypeA: 'bf16', quantized: e4m3 }],
    ['f16 by e4m3', 35, 37, 140, { dtype: 'f16', quantized: e4m3 }],
    ['f32 by e5m2', 16, 12, 44, { quantized: e5m2 }],
    ['f16 by e5m2', 40, 36, 33, { dtype: 'f16', quantized: e5m2 }],
    ['f16 by int4, long sums', 4, 20, 1100, { dtype: 'f16', quantized: int4 }],
    ['f16 by int4, single column', 45, 1, 71, { dtype: 'f16', quantized: int4 }],
    ['f32 a^T by int4, single element', 1, 1, 1, { transposeA: true, quantized: int4 }],
    ['f32 by int4, nothing to sum', 5, 3, 0, { bias: true, quantized: int4 }],
    ['f16 by int4, summed in f16', 40, 48, 64, { dtype: 'f16', accumulate: 'f16', quantized: int4 }],
    [
      'f32 by int4 in batches, shared by the outer',
      18,
      20,
      40,
      {
        batchDims: [1, 1, 2, 3],
        batchStridesA: [0, 0, 3, 1],
        batchStridesB: [0, 0, 0, 1],
        quantized: int4Zeros,
      },
    ],
    [
      'f16 by int4, SwiGLU, single row',
      1,
      40,
      264,
      { dtype: 'f16', gated: true, activation: 'silu', quantized: int4 },
    ],
    ['f16 by int4, SwiGLU', 33, 72, 64, { dtype: 'f16', gated: true, activation: 'silu', quantized: int4 }],
    [
      'f16 by int4, everything',
      20,
      41,
      50,
      {
        dtype: 'f16',
        alpha: 0.5,
        bias: true,
        addend: 'result',
        beta: 2,
        activation: 'silu',
        residual: 'result',
        quantized: int4Zeros,
        ...twoBatches,
      },
    ],
  ] as const
).map(([name, m, n, k, options]) => ({
  name: `${name}, ${m}x${n}x${k}`,
  problem: matmulProblem(m, n, k, options),
}));

/** Rows by groups of several sizes: none, one, more than a tile. */
const groups: readonly Case<MatmulProblem>[] = (
  [
    ['f32', [0, 5, 5, 70, 71], 72, 40, { bias: true }],
    [
      'f16 b^T, gated',
      [0, 0, 33, 97],
      48,
      40,
      { dtype: 'f16', transposeB: true, gated: true, activation: 'silu' },
    ],
    ['f32 b^T, few rows', [0, 1, 1, 4, 11], 44, 72, { transposeB: true, residual: 'matrix' }],
    ['split', [0, 0, 19, 40], 44, 67, { precision: 'split' }],
    ['f16 few rows', [0, 2, 9], 36, 19, { dtype: 'f16', alpha: 0.5 }],
    ['i8 into f32, scales', [0, 3, 3, 20], 36, 24, { ...dequantised, scaleA: true, scaleB: true }],
    ['f16 by int4', [0, 3, 3, 40], 36, 70, { dtype: 'f16', quantized: int4 }],
  ] as const
).map(([name, offsets, n, k, options]) => {
  const problem = matmulProblem(offsets.at(-1)!, n, k, { ...options, groups: offsets.length - 1 });
  const last = matmulContract.inputs(problem).length - 1;
  return { name: `groups of rows, ${name}`, problem, given: { [last]: offsets } };
});

const bySplit = { precision: 'split' } as const;

/** Operands of f32 in parts of half precision: two and three, every way they lie, chunks of k, everything added. */
const splits: readonly Case<MatmulProblem>[] = (
  [
    ['split', 33, 37, 67, {}],
    ['split a^T b^T', 40, 48, 72, { transposeA: true, transposeB: true }],
    ['split, few products', 35, 36, 9, {}],
    ['split, long sums', 20, 24, 1100, { transposeB: true }],
    [
      'split part of b, both broadcast',
      20,
      23,
      36,
      {
        gapB: { before: 3, between: 1 },
        batchDims: [1, 1, 2, 3],
        batchStridesA: [0, 0, 1, 0],
        batchStridesB: [0, 0, 0, 1],
      },
    ],
    [
      'split gated b^T, everything',
      33,
      40,
      72,
      { transposeB: true, gated: true, activation: 'silu', alpha: 0.5, bias: true, residual: 'matrix' },
    ],
  ] as const
).map(([name, m, n, k, options]) => ({
  name: `${name}, ${m}x${n}x${k}`,
  problem: matmulProblem(m, n, k, { ...bySplit, ...options }),
}));

const values: readonly Case<MatmulProblem>[] = [
  // Long sums, where a bound that is too loose would let lost digits through.
  { name: 'f32 long sums', problem: matmulProblem(20, 24, 4100) },
  { name: 'f16 long sums', problem: matmulProblem(20, 24, 4096, { dtype: 'f16', transposeB: true }) },
  { name: 'f32 outliers', problem: matmulProblem(40, 48, 200), distribution: 'outliers' },
  { name: 'f16 outliers', problem: matmulProblem(40, 48, 200, { dtype: 'f16' }), distribution: 'outliers' },
  { name: 'f32 infinities', problem: matmulProblem(33, 36, 40), distribution: 'infinities' },
  { name: 'f16 NaN', problem: matmulProblem(33, 36, 40, { dtype: 'f16' }), distribution: 'nan' },
  { name: 'split outliers', problem: matmulProblem(40, 48, 200, bySplit), distribution: 'outliers' },
  { name: 'split infinities', problem: matmulProblem(33, 36, 40, bySplit), distribution: 'infinities' },
  {
    name: 'split NaN, a^T b^T',
    problem: matmulProblem(33, 36, 40, { ...bySplit, transposeA: true, transposeB: true }),
    distribution: 'nan',
  },
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
  ...types,
  ...integers,
  ...epilogues,
  ...strided,
  ...splits,
  ...groups,
  ...quantized,
  ...values,
];
