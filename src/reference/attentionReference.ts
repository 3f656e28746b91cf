import {
  MAX_DISTANCE,
  QUANT_BLOCK,
  attentionStrides,
  keyRange,
  maskStrides,
  optionalInputs,
  outputRows,
  queryPosition,
  queryRow,
  type AttentionMask,
  type AttentionProblem,
  type CacheLayout,
  type OptionalInput,
  type QueryRow,
  type RowStrides,
  type Sequence,
} from './attention.ts';

export type AttentionOperands = Readonly<Record<'q' | 'k' | 'v', Float64Array>> &
  Readonly<Partial<Record<OptionalInput, Float64Array>>>;

/** Gives the inputs of a problem their names, and quantised ones their values. */
export function namedOperands(
  problem: AttentionProblem,
  [q, k, v, ...others]: readonly Float64Array[],
): AttentionOperands {
  const named = optionalInputs(problem).map((name, index) => [name, others[index]!] as const);
  const operands: AttentionOperands = { q: q!, k: k!, v: v!, ...Object.fromEntries(named) };
  const { scalesK, scalesV } = operands;
  if (!scalesK || !scalesV) return operands;
  const dequantise = (values: Float64Array, scales: Float64Array): Float64Array =>
    values.map((value, index) => value * scales[Math.floor(index / QUANT_BLOCK)]!);
  return { ...operands, k: dequantise(operands.k, scalesK), v: dequantise(operands.v, scalesV) };
}

/** The sequence of number `batch`; lengths and offsets that are out of bounds count as the nearest that is not. */
export function sequenceOf(
  problem: AttentionProblem,
  { lengths, offsetsQ, offsetsKv }: Pick<AttentionOperands, 'lengths' | 'offsetsQ' | 'offsetsKv'>,
  batch: number,
): Sequence {
  const { seqLenQ, seqLenKv, tokens, cache } = problem;
  if (!tokens) {
    const length = lengths
      ? Math.min(lengths[batch]!, cache?.kind === 'ring' ? MAX_DISTANCE : seqLenKv)
      : seqLenKv;
    const firstKey = Math.max(0, length - seqLenKv);
    return { batch, queryRow: 0, keyRow: 0, seqLenQ, seqLenKv: length, firstKey };
  }
  const part = (offsets: Float64Array, rows: number, longest: number): [start: number, length: number] => {
    const start = Math.min(offsets[batch]!, rows);
    const end = Math.min(offsets[batch + 1]!, rows);
    return [start, Math.min(Math.max(end - start, 0), longest)];
  };
  const [queryRow, queries] = part(offsetsQ!, tokens.q, seqLenQ);
  const [keyRow, keys] = part(offsetsKv!, tokens.kv, seqLenKv);
  return { batch, queryRow, keyRow, seqLenQ: queries, seqLenKv: keys, firstKey: 0 };
}

/** A mask's entry that is no greater hides its key altogether, as -Infinity does. */
const HIDING = -(2 ** 127);

/** Where the rows of the keys of a head and of their values begin. */
export interface KeyRows {
  k(key: number): number;
  v(key: number): number;
}

export function keyRows(
  problem: AttentionProblem,
  { blockTable }: Pick<AttentionOperands, 'blockTable'>,
  { sequence, head }: Pick<QueryRow, 'sequence' | 'head'>,
): KeyRows {
  const strides = attentionStrides(problem);
  const kvHead = Math.floor(head / (problem.heads / problem.kvHeads));
  const at = ({ batch, head: headStride, row }: RowStrides, key: number): number =>
    sequence.batch * batch +
    kvHead * headStride +
    (sequence.keyRow + cacheRow(problem.cache, problem.seqLenKv, blockTable, sequence.batch, key)) * row;
  return { k: (key) => at(strides.k, key), v: (key) => at(strides.v, key) };
}

/**
 * The row of a cache with room for `capacity` keys a sequence that has key `key` of a sequence. A block that is not there
 * counts as the last.
 */
export function cacheRow(
  cache: CacheLayout | undefined,
  capacity: number,
  blockTable: Float64Array | undefined,
  batch: number,
  key: number,
): number {
  if (cache?.kind === 'ring') return key % capacity;
  if (cache?.kind !== 'paged') return key;
  const { blocks, blockSize } = cache;
  const block = blockTable![(batch * capacity) / blockSize + Math.floor(key / blockSize)]!;
  return Math.min(block, blocks - 1) * blockSize + (key % blockSize);
}

/** The parts of a score; it is `capped + bias + mask`. */
export interface Score {
  /** `scale * q . k`. */
  readonly scaled: number;
  /** `scaled`, or `softcap * tanh(scaled / softcap)`. */
  readonly capped: number;
  /** What ALiBi adds. */
  readonly bias: number;
  /** What the mask adds; -Infinity where it hides the key. */
  readonly mask: number;
}

/** One query with the keys that it sees: those from `first` on. */
export interface AttentionRow {
  readonly first: number;
  /** -Infinity where a mask hides the key. */
  readonly scores: Float64Array;
  readonly probabilities: Float64Array;
  /** Share of the sink. */
  readonly sinkProbability: number;
  /** ln of the sum of e^score, the sink among them; -Infinity where there is nothing to sum. */
  readonly logSumExp: number;
}

/** The score of key `key`, whose row in k is at `keyAt`. */
export function attentionScore(
  problem: AttentionProblem,
  operands: AttentionOperands,
  row: QueryRow,
  key: number,
  keyAt: number,
): Score {
  const { q, k, slopes } = operands;
  const { headDim, scale, softcap, heads } = problem;
  const { sequence, head, query } = row;
  let product = 0;
  for (let d = 0; d < headDim; d++) product += q[row.q + d]! * k[keyAt + d]!;
  const scaled = scale * product;
  const capped = softcap === undefined ? scaled : softcap * Math.tanh(scaled / softcap);
  let bias = 0;
  if (slopes) {
    const slope = slopes[(problem.alibi === 'batch' ? sequence.batch * heads : 0) + head]!;
    bias = -slope * Math.abs(queryPosition(problem, sequence, query) - key);
  }
  return { scaled, capped, bias, mask: maskedBy(problem.mask, operands.mask, row, key) };
}

function maskedBy(
  mask: AttentionMask | undefined,
  entries: Float64Array | undefined,
  { sequence, head, query }: QueryRow,
  key: number,
): number {
  if (!mask) return 0;
  const [stepBatch, stepHead, stepQuery, stepKey] = maskStrides(mask);
  const entry = entries![sequence.batch * stepBatch + head * stepHead + query * stepQuery + key * stepKey]!;
  if (mask.kind === 'boolean') return entry === 0 ? -Infinity : 0;
  return entry <= HIDING ? -Infinity : entry;
}

/**
 * Scores of one query with the keys that it sees, and their softmax. A query of which no key has a score above -Infinity
 * has probabilities of exactly zero.
 */
export function attentionRow(
  problem: AttentionProblem,
  operands: AttentionOperands,
  row: QueryRow,
): AttentionRow {
  const { first, end } = keyRange(problem, row.sequence, row.query);
  const rows = keyRows(problem, operands, row);
  const sink = operands.sinks?.[row.head] ?? -Infinity;
  const scores = new Float64Array(end - first);
  let maximum = sink;
  for (let j = 0; j < scores.length; j++) {
    const { capped, bias, mask } = attentionScore(problem, operands, row, first + j, rows.k(first + j));
    // A hidden key is hidden, even if its score is NaN.
    scores[j] = mask === -Infinity ? mask : capped + bias + mask;
    maximum = Math.max(maximum, scores[j]!);
  }
  const probabilities = new Float64Array(scores.length);
  if (maximum === -Infinity)
    return { first, scores, probabilities, sinkProbability: 0, logSumExp: -Infinity };
  let sum = Math.exp(sink - maximum);
  const sinkWeight = sum;
  for (let j = 0; j < scores.length; j++) sum += probabilities[j] = Math.exp(scores[j]! - maximum);
  for (let j = 0; j < scores.length; j++) probabilities[j]! /= sum;
  return {
    first,
    scores,
    probabilities,
    sinkProbability: sinkWeight / sum,
    logSumExp: maximum + Math.log(sum),
  };
}

/** Every query of every head and sequence. */
export function* queryRows(problem: AttentionProblem, operands: AttentionOperands): Generator<QueryRow> {
  for (let batch = 0; batch < problem.batch; batch++) {
    const sequence = sequenceOf(problem, operands, batch);
    for (let head = 0; head < problem.heads; head++) {
      for (let query = 0; query < sequence.seqLenQ; query++) yield queryRow(problem, sequence, head, query);
    }
  }
}

/** What one query gives: its row of o, and its logSumExp. */
export interface AttentionResult {
  readonly o: Float64Array;
  readonly logSumExp: number;
}

/** The definition of attention for one query, in f64. Keys that it does not see have no influence on it, whatever they hold. */
export function attend(
  problem: AttentionProblem,
  operands: AttentionOperands,
  row: QueryRow,
): AttentionResult {
  const { first, scores, probabilities, logSumExp } = attentionRow(problem, operands, row);
  const keys = keyRows(problem, operands, row);
  const o = new Float64Array(problem.headDimV);
  for (let j = 0; j < scores.length; j++) {
    if (scores[j] === -Infinity) continue;
    const value = keys.v(first + j);
    for (let d = 0; d < o.length; d++) o[d]! += probabilities[j]! * operands.v[value + d]!;
  }
  return { o, logSumExp };
}

/**
 * The definition of attention, in f64: o, and logSumExp where it is asked for, of every query. Rows of a packed tensor that
 * belong to no sequence are zeros.
 */
export function attentionReference(
  problem: AttentionProblem,
  inputs: readonly Float64Array[],
): readonly Float64Array[] {
  const operands = namedOperands(problem, inputs);
  const rows = outputRows(problem);
  const o = new Float64Array(rows * problem.headDimV);
  const logSumExp = new Float64Array(rows);
  for (const row of queryRows(problem, operands)) {
    const result = attend(problem, operands, row);
    o.set(result.o, row.o);
    logSumExp[row.lse] = result.logSumExp;
  }
  return problem.logSumExp ? [o, logSumExp] : [o];
}
