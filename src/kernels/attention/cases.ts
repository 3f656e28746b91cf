import {
  optionalInputs,
  type AttentionMask,
  type AttentionProblem,
  type OptionalInput,
} from '../../reference/attention.ts';
import type { Case } from '../define.ts';

/** A causal mask, and where it begins. */
export const CAUSAL = {
  'upper-left': { right: 0, alignment: 0 },
  'lower-right': { right: 0, alignment: 'lower-right' },
} as const;

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
    ...options,
  };
}

/** Numbers for inputs that are not any numbers: offsets and lengths. */
type Given = Readonly<Partial<Record<OptionalInput, readonly number[]>>>;

function named(name: string, problem: AttentionProblem, given: Given = {}): Case<AttentionProblem> {
  const numbers: Given = problem.mask ? { ...given, mask: maskEntries(problem.mask) } : given;
  const byPlace = optionalInputs(problem).flatMap((input, index) =>
    numbers[input] ? [[3 + index, numbers[input]] as const] : [],
  );
  return { name: `${problem.dtype} ${name}`, problem, given: Object.fromEntries(byPlace) };
}

/** Hides every third entry, and the whole first row where there are several. */
function maskEntries({ kind, shape: [batch, heads, queries, keys] }: AttentionMask): number[] {
  return Array.from({ length: batch * heads * queries * keys }, (_, index) => {
    const firstRow = queries > 1 && Math.floor(index / keys) % queries === 0;
    if (firstRow || index % 3 === 0) return kind === 'boolean' ? 0 : -Infinity;
    // Exact in half precision.
    return kind === 'boolean' ? 1 + (index % 5) : ((index * 37) % 64) / 16 - 2;
  });
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
      attentionProblem(2, 150, 64, { dtype, batch: 2, heads, kvHeads, ...CAUSAL['lower-right'] }),
    ),
  ]),
  named('headDim 64, headDimV 56', attentionProblem(37, 50, 64, { dtype, headDimV: 56 })),
  named('headDim 192, headDimV 128', attentionProblem(20, 30, 192, { dtype, headDimV: 128 })),
  named('headDim 576, headDimV 512', attentionProblem(3, 50, 576, { dtype, headDimV: 512, heads: 4 })),
  named('headDim 56, headDimV 64', attentionProblem(5, 90, 56, { dtype, headDimV: 64, heads: 2 })),
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
        attentionProblem(seqLenQ, seqLenKv, 64, { dtype, ...CAUSAL[causal], heads: 2, kvHeads: 1 }),
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
    ...named('NaN, causal', attentionProblem(66, 66, 64, { dtype, ...CAUSAL['upper-left'] })),
    distribution: 'nan',
  },
  {
    ...named('NaN, causal, 7 queries', attentionProblem(7, 66, 64, { dtype, ...CAUSAL['upper-left'] })),
    distribution: 'nan',
  },
  named('no keys', attentionProblem(5, 0, 64, { dtype })),
]);

/** Every feature of scores alone, in pairs, and all at once. */
const FEATURES: Readonly<Record<string, Partial<AttentionProblem>>> = {
  window: { left: 20, right: 5, alignment: 10 },
  'causal window': { left: 9, right: 0, alignment: 'lower-right' },
  softcap: { softcap: 2 },
  'additive mask': { mask: { kind: 'additive', dtype: 'f32', shape: [1, 2, 37, 90] } },
  'boolean mask': { mask: { kind: 'boolean', dtype: 'u32', shape: [2, 1, 37, 90] } },
  ALiBi: { alibi: 'heads', alignment: 'lower-right' },
  sinks: { sinks: true },
  logSumExp: { logSumExp: true },
  bshd: { layout: 'bshd' },
  lengths: { lengths: true },
};

const LENGTHS_OF_BATCH = { lengths: [90, 23] };

export function featureCase(
  name: string,
  seqLenQ: number,
  features: Partial<AttentionProblem>,
): Case<AttentionProblem> {
  const { mask } = features;
  const shape =
    mask && ([mask.shape[0], mask.shape[1], Math.min(mask.shape[2], seqLenQ), mask.shape[3]] as const);
  const problem = attentionProblem(seqLenQ, 90, 32, {
    batch: 2,
    heads: 2,
    ...features,
    ...(shape && { mask: { ...mask, shape } }),
  });
  return named(`${seqLenQ}x90, ${name}`, problem, LENGTHS_OF_BATCH);
}

const names = Object.keys(FEATURES);
/** Each with the next but two, which gives every feature two partners. */
const pairs = names.map((name, index) => [name, names[(index + 3) % names.length]!] as const);
export const EVERYTHING: Partial<AttentionProblem> = {
  ...Object.assign({}, ...Object.values(FEATURES)),
  kvHeads: 1,
};

const features: readonly Case<AttentionProblem>[] = [
  ...names.flatMap((name) => [37, 3].map((seqLenQ) => featureCase(name, seqLenQ, FEATURES[name]!))),
  ...pairs.flatMap(([one, other]) =>
    [37, 3].map((seqLenQ) =>
      featureCase(`${one} and ${other}`, seqLenQ, { ...FEATURES[one]!, ...FEATURES[other]! }),
    ),
  ),
  ...DTYPES.flatMap((dtype) =>
    [37, 3].map((seqLenQ) => featureCase('everything', seqLenQ, { ...EVERYTHING, dtype })),
  ),
  ...[
    [1, 1, 1, 90],
    [1, 1, 37, 1],
    [1, 1, 1, 1],
    [2, 2, 37, 90],
  ].map((shape) =>
    featureCase(`f16 mask ${shape.join(' x ')}`, 37, {
      dtype: 'f16',
      mask: { kind: 'additive', dtype: 'f16', shape: shape as unknown as [number, number, number, number] },
    }),
  ),
  ...[37, 3].map((seqLenQ) =>
    featureCase('a mask shorter than the keys, causal', seqLenQ, {
      ...CAUSAL['lower-right'],
      mask: { kind: 'additive', dtype: 'f32', shape: [2, 1, 37, 61] },
    }),
  ),
  named('sinks, no keys', attentionProblem(5, 0, 64, { sinks: true, logSumExp: true })),
  named(
    'sinks over several tiles',
    attentionProblem(20, 300, 64, { sinks: true, heads: 2, logSumExp: true }),
  ),
  named(
    'sinks over several tiles, 1 query',
    attentionProblem(1, 700, 64, { sinks: true, heads: 2, logSumExp: true }),
  ),
  named(
    'window far from the first key',
    attentionProblem(40, 400, 64, { left: 30, right: 0, alignment: 'lower-right' }),
  ),
  named(
    'window far from the first key, 2 queries',
    attentionProblem(2, 900, 64, { left: 99, right: 0, alignment: 898 }),
  ),
  named(
    'slopes of each sequence',
    attentionProblem(20, 20, 16, { batch: 2, heads: 3, alibi: 'batch', right: 0 }),
  ),
];

/** Sequences one behind the other: of different lengths, one without queries, one without keys, one of a single token. */
const OFFSETS = { offsetsQ: [0, 30, 30, 37, 38], offsetsKv: [0, 41, 60, 60, 97] };
const SHORT_OFFSETS = { offsetsQ: [0, 3, 3, 10, 11], offsetsKv: OFFSETS.offsetsKv };

const packed: readonly Case<AttentionProblem>[] = [
  ...[{}, CAUSAL['lower-right'], { logSumExp: true, sinks: true }].map((options, index) =>
    packedCase(`packed ${index}`, OFFSETS, options),
  ),
  packedCase('packed, few queries', SHORT_OFFSETS, { ...CAUSAL['lower-right'], logSumExp: true }),
  packedCase('packed, f16', OFFSETS, { ...CAUSAL['upper-left'], dtype: 'f16' }),
];

function packedCase(
  name: string,
  offsets: typeof OFFSETS,
  options: Partial<AttentionProblem>,
): Case<AttentionProblem> {
  const longest = (values: readonly number[]): number =>
    Math.max(...values.slice(1).map((value, index) => value - values[index]!));
  const { offsetsQ, offsetsKv } = offsets;
  return named(
    name,
    attentionProblem(longest(offsetsQ), longest(offsetsKv), 32, {
      batch: offsetsQ.length - 1,
      heads: 4,
      kvHeads: 2,
      layout: 'packed',
      tokens: { q: offsetsQ.at(-1)!, kv: offsetsKv.at(-1)! },
      ...options,
    }),
    offsets,
  );
}

/** Caches: of sequences of different lengths, one of them empty; a ring that has gone round; blocks in any order. */
const caches: readonly Case<AttentionProblem>[] = [37, 3].flatMap((seqLenQ) => {
  const cached = (name: string, options: Partial<AttentionProblem>, given: Given): Case<AttentionProblem> =>
    named(
      `${seqLenQ} queries, ${name}`,
      attentionProblem(seqLenQ, 80, 32, {
        batch: 3,
        heads: 4,
        kvHeads: 2,
        lengths: true,
        layout: 'bshd',
        ...CAUSAL['lower-right'],
        ...options,
      }),
      given,
    );
  const paged = { kind: 'paged', blocks: 12, blockSize: 16 } as const;
  const table = { lengths: [80, 0, 45], blockTable: [3, 1, 9, 7, 0, 0, 0, 0, 0, 0, 11, 2, 5, 0, 0] };
  return [
    cached('linear cache', { cache: { kind: 'linear' } }, { lengths: [80, 0, 45] }),
    cached('ring', { cache: { kind: 'ring' } }, { lengths: [200, 80, 45] }),
    cached(
      'ring, f16, window',
      { cache: { kind: 'ring' }, left: 50, dtype: 'f16' },
      { lengths: [200, 80, 45] },
    ),
    cached('paged', { cache: paged }, table),
    cached('paged, f16', { cache: paged, dtype: 'f16' }, table),
    cached(
      'linear, quantised',
      { cache: { kind: 'linear' }, quantised: true, headDimV: 64 },
      { lengths: [80, 0, 45] },
    ),
    cached(
      'paged, quantised, with everything',
      {
        cache: paged,
        quantised: true,
        left: 60,
        softcap: 2,
        mask: { kind: 'additive', dtype: 'f32', shape: [3, 1, seqLenQ, 80] },
        alibi: 'batch',
        sinks: true,
      },
      table,
    ),
    cached('paged, quantised, f16', { cache: paged, quantised: true, dtype: 'f16' }, table),
  ];
});

export const attentionCases: readonly Case<AttentionProblem>[] = [
  ...lengths,
  ...headDims,
  ...heads,
  ...causal,
  ...values,
  ...features,
  ...packed,
  ...caches,
];
