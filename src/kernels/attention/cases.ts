import type { AttentionProblem } from '../../reference/attention.ts';
import type { Case } from '../define.ts';

/** One head of one batch in f32, unmasked, unless `options` says otherwise. */
export function attentionProblem(
  seqLenQ: number,
  seqLenKv: number,
  headDim: number,
  options: Partial<AttentionProblem> = {},
): AttentionProblem {
  return {
    batch: 1,
    heads: 1,
    kvHeads: 1,
    seqLenQ,
    seqLenKv,
    headDim,
    headDimV: headDim,
    dtype: 'f32',
    scale: 1 / Math.sqrt(headDim),
    causal: 'none',
    ...options,
  };
}

function named(name: string, problem: AttentionProblem): Case<AttentionProblem> {
  return { name: `${problem.dtype} ${name}`, problem };
}

const DTYPES = ['f32', 'f16'] as const;

/** Around the sizes of tiles, primes, single queries and keys, many of one and few of the other. */
const LENGTHS: readonly (readonly [seqLenQ: number, seqLenKv: number])[] = [
  [1, 1],
  [2, 2],
  [63, 63],
  [64, 64],
  [65, 65],
  [97, 97],
  [113, 203],
  [1, 300],
  [130, 7],
];

const lengths = DTYPES.flatMap((dtype) =>
  LENGTHS.map(([seqLenQ, seqLenKv]) =>
    named(`${seqLenQ}x${seqLenKv}, headDim 64`, attentionProblem(seqLenQ, seqLenKv, 64, { dtype })),
  ),
);

/**
 * Common sizes of heads, and one that nothing divides, for many queries and for few. Not every size in both types: a
 * software adapter takes a second or more to compile a shader, and there is one for each class of sizes and type.
 */
const headDims = (
  [
    ['f32', 20, 45, [8, 40, 59, 80, 96]],
    ['f16', 20, 45, [16, 59, 128, 256]],
    ['f32', 3, 70, [80]],
    ['f16', 3, 70, [256]],
  ] as const
).flatMap(([dtype, seqLenQ, seqLenKv, dims]) =>
  dims.map((headDim) =>
    named(
      `${seqLenQ}x${seqLenKv}, headDim ${headDim}`,
      attentionProblem(seqLenQ, seqLenKv, headDim, { dtype }),
    ),
  ),
);

/** Grouped and multi-query attention, and values of another size than keys. */
const heads = DTYPES.flatMap((dtype) => [
  ...(
    [
      [4, 1],
      [8, 2],
      [6, 6],
    ] as const
  ).flatMap(([heads, kvHeads]) => [
    named(`${heads}/${kvHeads} heads`, attentionProblem(33, 40, 64, { dtype, batch: 2, heads, kvHeads })),
    named(
      `${heads}/${kvHeads} heads, 2 queries`,
      attentionProblem(2, 150, 64, { dtype, batch: 2, heads, kvHeads, causal: 'lower-right' }),
    ),
  ]),
  named('headDim 64, headDimV 40', attentionProblem(37, 50, 64, { dtype, headDimV: 40 })),
  named('headDim 40, headDimV 64', attentionProblem(5, 90, 40, { dtype, headDimV: 64, heads: 2 })),
]);

/** Both alignments: more keys than queries, fewer, so that whole rows are masked, and as many. */
const causal = DTYPES.flatMap((dtype) =>
  (['upper-left', 'lower-right'] as const).flatMap((causal) =>
    (
      [
        [97, 97],
        [113, 203],
        [130, 7],
        [5, 300],
        [9, 3],
      ] as const
    ).map(([seqLenQ, seqLenKv]) =>
      named(
        `${seqLenQ}x${seqLenKv}, causal ${causal}`,
        attentionProblem(seqLenQ, seqLenKv, 64, { dtype, causal, heads: 2, kvHeads: 1 }),
      ),
    ),
  ),
);

const values: readonly Case<AttentionProblem>[] = DTYPES.flatMap((dtype) => [
  named('scale 1', attentionProblem(40, 60, 64, { dtype, scale: 1 })),
  named('scale 0: a plain mean', attentionProblem(20, 33, 16, { dtype, scale: 0 })),
  named('negative scale, 4 queries', attentionProblem(4, 60, 64, { dtype, scale: -0.5 })),
  { ...named('outliers', attentionProblem(66, 130, 64, { dtype })), distribution: 'outliers' },
  { ...named('outliers, 1 query', attentionProblem(1, 500, 64, { dtype })), distribution: 'outliers' },
  {
    ...named('NaN, causal', attentionProblem(66, 66, 64, { dtype, causal: 'upper-left' })),
    distribution: 'nan',
  },
  {
    ...named('NaN, causal, 7 queries', attentionProblem(7, 66, 64, { dtype, causal: 'upper-left' })),
    distribution: 'nan',
  },
  named('no keys', attentionProblem(5, 0, 64, { dtype })),
]);

export const attentionCases: readonly Case<AttentionProblem>[] = [
  ...lengths,
  ...headDims,
  ...heads,
  ...causal,
  ...values,
];
