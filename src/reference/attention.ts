/**
 * How the axes of q, k, v and o lie: `bhsd` is [batch, heads, sequence, headDim], `bshd` [batch, sequence, heads, headDim],
 * and `packed` [tokens, heads, headDim], the sequences of a batch one behind the other.
 */
export type AttentionLayout = 'bhsd' | 'bshd' | 'packed';

/** What is added to scores, or hides keys; broadcast along the axes where `shape` is 1. */
export interface AttentionMask {
  /** `additive`: added to the score; `boolean`: u32, 0 hides the key. */
  readonly kind: 'additive' | 'boolean';
  readonly dtype: 'f32' | 'f16' | 'u32';
  /**
   * [batch, heads, seqLenQ, seqLenKv], each of them or 1; the last may be less than seqLenKv, and keys behind it are hidden (ONNX
   * Attention, opset 24).
   */
  readonly shape: readonly [number, number, number, number];
}

/**
 * Where a cache has the rows of a sequence. `linear`: [batch, kvHeads, capacity, headDim], key j in row j. `ring`: likewise, key j in
 * row j modulo the capacity, so that the last keys remain. `paged`: [blocks, blockSize, kvHeads, headDim], and a table says
 * which block holds each `blockSize` keys of a sequence.
 */
export type CacheLayout =
  | { readonly kind: 'linear' | 'ring' }
  | { readonly kind: 'paged'; readonly blocks: number; readonly blockSize: number };

/** Up to so many queries a head, reading the keys and values is what takes the time: generation, one token or a few. */
export const DECODE_QUERIES = 16;

/** Elements of a row of a quantised cache that share a factor. */
export const QUANT_BLOCK = 32;

/**
 * `o[b, h, i] = sum over j of p[j] v[b, g, j]`, where `p = softmax over j of score(scale * q[b, h, i] . k[b, g, j])`, over
 * the keys j that query i sees; g is the key/value head that the query head h shares: `h / (heads / kvHeads)`, rounded down.
 *
 * A score is capped, then ALiBi's bias and the mask are added (ONNX Attention, opset 23). All fields from `layout` on are
 * optional: without them there is none of the feature.
 */
export interface AttentionProblem {
  /** Sequences. */
  readonly batch: number;
  /** A multiple of `kvHeads`. */
  readonly heads: number;
  readonly kvHeads: number;
  /** Queries of the longest sequence. */
  readonly seqLenQ: number;
  /** Keys that k has room for, for one sequence. */
  readonly seqLenKv: number;
  readonly headDim: number;
  readonly headDimV: number;
  /** Type of the operands and the result; scores, softmax and sums are made in f32. */
  readonly dtype: 'f32' | 'f16';
  readonly scale: number;
  /** Default: `bhsd`. */
  readonly layout?: AttentionLayout | undefined;
  /** Rows of q and of k in all: only where the layout is `packed`. */
  readonly tokens?: { readonly q: number; readonly kv: number } | undefined;
  /** The key at which query 0 stands, or `lower-right`: the last query stands at the last key. Default: 0. */
  readonly alignment?: number | 'lower-right' | undefined;
  /** How many keys before the one at which it stands a query sees; all without it. */
  readonly left?: number | undefined;
  /** How many keys after the one at which it stands a query sees, 0 in causal attention; all without it. */
  readonly right?: number | undefined;
  /** Scores become `softcap * tanh(score / softcap)`. */
  readonly softcap?: number | undefined;
  readonly mask?: AttentionMask | undefined;
  /** Slopes of ALiBi, a negative multiple of the distance between query and key: one a head, or one a head and sequence. */
  readonly alibi?: 'heads' | 'batch' | undefined;
  /** One score a head without a key, which takes its share of the weights and has no value. */
  readonly sinks?: boolean | undefined;
  /** Whether the sequences have lengths of their own, at most `seqLenKv`. */
  readonly lengths?: boolean | undefined;
  /** How k and v lie where they are a cache, of which each sequence has filled `lengths` rows. */
  readonly cache?: CacheLayout | undefined;
  /** Whether k and v are i8, with a factor in f32 for every 32 elements (`QUANT_BLOCK`). */
  readonly quantised?: boolean | undefined;
  /** Whether the logarithm of each row's sum of exponentials is a second result. */
  readonly logSumExp?: boolean | undefined;
  /** Where the problem is a part of a larger one, whose tensors it has: only plans have parts. */
  readonly part?: AttentionPart | undefined;
}

/** Which sequences, heads, queries and keys of a larger problem one has. */
export interface AttentionPart {
  readonly whole: AttentionProblem;
  /** Of packed sequences, `query` is a row of q. */
  readonly first: Readonly<Record<'batch' | 'head' | 'kvHead' | 'query', number>>;
  /** Rows of a packed q from the first on; all without it. */
  readonly queries?: number | undefined;
  /** Rows of k and v (`keyRowCount`), from one to before another; those of a ring are counted twice. All without it. */
  readonly keys?: readonly [begin: number, end: number] | undefined;
  /** Where the results are that are to be merged with those of other keys; in the whole's without it. */
  readonly partial?: AttentionPartial | undefined;
  /**
   * Where gradients, and the statistics of rows, are joined from those of several parts, in f32: whether these are the first, or more that
   * go to what is there. Statistics are those of all rows of what has been cut.
   */
  readonly sums?: 'first' | 'more' | undefined;
  /** Elements of the whole's tensors that are bound, from one to before another; all of those that are not named. */
  readonly bound: Readonly<Partial<Record<AttentionTensor, readonly [begin: number, end: number]>>>;
}

/**
 * Results of some keys: o and logSumExp, both in f32 and without sinks, each [count, batch, heads, rows, …] of the
 * part that begins at `first`, of which these are the `which`-th.
 */
export interface AttentionPartial {
  readonly first: AttentionPart['first'];
  readonly batch: number;
  readonly heads: number;
  readonly rows: number;
  readonly which: number;
  readonly count: number;
}

/** An operand or a result; lse is logSumExp, and a gradient lies like what it is the gradient of. */
export type AttentionTensor = 'q' | 'k' | 'v' | 'o' | 'lse' | OptionalInput;

/** Inputs behind q, k and v, in their order; a problem has those that its features ask for. */
export const OPTIONAL_INPUTS = [
  'mask',
  'slopes',
  'sinks',
  'lengths',
  'offsetsQ',
  'offsetsKv',
  'blockTable',
  'scalesK',
  'scalesV',
] as const;

export type OptionalInput = (typeof OPTIONAL_INPUTS)[number];

/** Those of the optional inputs that a problem has. */
export function optionalInputs(problem: AttentionProblem): readonly OptionalInput[] {
  const packed = problem.layout === 'packed';
  const present: Readonly<Record<OptionalInput, boolean>> = {
    mask: problem.mask !== undefined,
    slopes: problem.alibi !== undefined,
    sinks: problem.sinks === true,
    lengths: problem.lengths === true,
    offsetsQ: packed,
    offsetsKv: packed,
    blockTable: problem.cache?.kind === 'paged',
    scalesK: problem.quantised === true,
    scalesV: problem.quantised === true,
  };
  return OPTIONAL_INPUTS.filter((name) => present[name]);
}

/** Distances in memory, in elements, from one sequence, head and row to the next. */
export interface RowStrides {
  readonly batch: number;
  readonly head: number;
  readonly row: number;
}

/** How a tensor of `heads` heads lies, whose sequences have `seqLen` rows of `dim` elements. */
export function rowStrides(
  layout: AttentionLayout | undefined,
  heads: number,
  seqLen: number,
  dim: number,
): RowStrides {
  switch (layout) {
    case 'packed':
      return { batch: 0, head: dim, row: heads * dim };
    case 'bshd':
      return { batch: seqLen * heads * dim, head: dim, row: heads * dim };
    default:
      return { batch: heads * seqLen * dim, head: seqLen * dim, row: dim };
  }
}

/** The problem that a part is of, or the problem itself. */
export const wholeOf = (problem: AttentionProblem): AttentionProblem => problem.part?.whole ?? problem;

/** Strides of all operands with rows, and of logSumExp, which is [batch, heads, seqLenQ], packed [heads, tokens]. */
export function attentionStrides(
  problem: AttentionProblem,
): Readonly<Record<'q' | 'k' | 'v' | 'o' | 'lse', RowStrides>> {
  const { layout, heads, kvHeads, seqLenQ, seqLenKv, headDim, headDimV, tokens, cache } = wholeOf(problem);
  const kvLayout = cache ? (cache.kind === 'paged' ? 'packed' : 'bhsd') : layout;
  return {
    q: rowStrides(layout, heads, seqLenQ, headDim),
    k: rowStrides(kvLayout, kvHeads, seqLenKv, headDim),
    v: rowStrides(kvLayout, kvHeads, seqLenKv, headDimV),
    o: rowStrides(layout, heads, seqLenQ, headDimV),
    lse: tokens ? { batch: 0, head: tokens.q, row: 1 } : rowStrides('bhsd', heads, seqLenQ, 1),
  };
}

/**
 * Rows of k and of v in all: those of a sequence and head where each has its own. Those of a ring are gone through twice, since
 * the keys of a sequence may begin at any of them, and go on at the first.
 */
export function keyRowCount(problem: AttentionProblem): number {
  const { seqLenKv, tokens, cache } = wholeOf(problem);
  if (cache?.kind === 'paged') return cache.blocks * cache.blockSize;
  return cache?.kind === 'ring' ? 2 * seqLenKv : (tokens?.kv ?? seqLenKv);
}

/** No key is further than this from another: kernels compute positions in 32 bits. */
export const MAX_DISTANCE = 2 ** 29;

/** One sequence of a batch: the rows of q and k at which it begins, counted from where `RowStrides.batch` leads, and its lengths. */
export interface Sequence {
  readonly batch: number;
  readonly queryRow: number;
  readonly keyRow: number;
  readonly seqLenQ: number;
  readonly seqLenKv: number;
  /** The first key that is still there. */
  readonly firstKey: number;
}

/** The key at which a query stands: before the first where negative. */
export function queryPosition(problem: AttentionProblem, sequence: Sequence, query: number): number {
  const { alignment = 0 } = problem;
  return query + (alignment === 'lower-right' ? sequence.seqLenKv - sequence.seqLenQ : alignment);
}

/** The keys from `first` to before `end` that a query sees, if no mask hides them. */
export function keyRange(
  problem: AttentionProblem,
  sequence: Sequence,
  query: number,
): { readonly first: number; readonly end: number } {
  const { left = Infinity, right = Infinity } = problem;
  const keyEnd = Math.min(sequence.seqLenKv, maskedKeys(problem));
  const position = queryPosition(problem, sequence, query);
  const { firstKey } = sequence;
  const end = Math.max(firstKey, Math.min(keyEnd, position + right + 1));
  return { first: Math.max(firstKey, Math.min(end, position - left)), end };
}

/** No key from this one on is seen: the mask ends before it. */
export function maskedKeys({ mask, seqLenKv }: AttentionProblem): number {
  const keys = mask?.shape[3] ?? 1;
  return keys === 1 || keys >= seqLenKv ? MAX_DISTANCE : keys;
}

/** One query of one head. */
export interface QueryRow {
  readonly sequence: Sequence;
  readonly head: number;
  readonly query: number;
  /** Where its elements begin in q and in o, and its element of logSumExp. */
  readonly q: number;
  readonly o: number;
  readonly lse: number;
}

/** Query `query` of head `head` in a sequence. */
export function queryRow(
  problem: AttentionProblem,
  sequence: Sequence,
  head: number,
  query: number,
): QueryRow {
  const { q, o, lse } = attentionStrides(problem);
  const at = (strides: RowStrides): number =>
    sequence.batch * strides.batch + head * strides.head + (sequence.queryRow + query) * strides.row;
  return { sequence, head, query, q: at(q), o: at(o), lse: at(lse) };
}

/** Distances in a mask from one sequence, head, query and key to the next; 0 where it is broadcast. */
export function maskStrides({ shape }: AttentionMask): readonly [number, number, number, number] {
  const [batch, heads, queries, keys] = shape;
  return [
    batch === 1 ? 0 : heads * queries * keys,
    heads === 1 ? 0 : queries * keys,
    queries === 1 ? 0 : keys,
    keys === 1 ? 0 : 1,
  ];
}

/** Rows of o in all: queries of all heads and sequences. */
export function outputRows({ batch, heads, seqLenQ, tokens }: AttentionProblem): number {
  return heads * (tokens ? tokens.q : batch * seqLenQ);
}
