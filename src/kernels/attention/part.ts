// Where a part of attention's problem is in the tensors of the whole.
import {
  attentionStrides,
  keyRowCount,
  maskStrides,
  rowStrides,
  type AttentionPart,
  type AttentionPartial,
  type AttentionProblem,
  type AttentionTensor,
  type RowStrides,
} from '../../reference/attention.ts';
import type { TensorSpec } from '../../tensor.ts';

/** An operation's tensors, in the order of its bindings. */
export interface TensorNames<P> {
  inputs(problem: P): readonly AttentionTensor[];
  outputs(problem: P): readonly AttentionTensor[];
}

/** Tensors that are cut by themselves: factors of quantised ones are with these. */
export type CutTensor = 'q' | 'k' | 'v' | 'o' | 'lse' | 'mask';

export const START: AttentionPart['first'] = { batch: 0, head: 0, kvHead: 0, query: 0 };

/** The first sequence, head of q, head of k and v, and query of a problem among those of the whole. */
export const firstOf = (problem: AttentionProblem): AttentionPart['first'] => problem.part?.first ?? START;

/** How many rows of q a problem has: of packed sequences those of all, else those of each. */
export const queryRows = ({ seqLenQ, tokens, part }: AttentionProblem): number =>
  tokens ? (part?.queries ?? tokens.q) : seqLenQ;

/**
 * Where a tensor's first row is for kernels, among what is bound, for the first sequence and head of the problem. They count rows of k
 * and v, and those of packed sequences, from the tensor's first on, which need not be bound: the number may be negative.
 */
export function offsetIn(problem: AttentionProblem, name: CutTensor): number {
  const rows = rowsOf(problem, name);
  const [batch, head, row] = rows.first as [number, number, number];
  const fromFirst = name === 'k' || name === 'v' || problem.tokens !== undefined;
  const bound = problem.part?.bound[name]?.[0] ?? 0;
  return beginOf({ ...rows, first: [batch, head, fromFirst ? 0 : row] }) - bound;
}

/** Tensors of a part of a problem, given those of the whole: as many of their elements as are bound. */
export function boundSpecs<S extends TensorSpec>(
  { part }: AttentionProblem,
  names: readonly AttentionTensor[],
  specs: readonly S[],
): readonly S[] {
  if (!part) return specs;
  return specs.map((spec, index) => {
    const bound = part.bound[names[index]!];
    return bound ? { ...spec, shape: [bound[1] - bound[0]] } : spec;
  });
}

/** How the operands and results of a problem lie. */
export function stridesOf(problem: AttentionProblem): ReturnType<typeof attentionStrides> {
  const strides = attentionStrides(problem);
  const { tokens, part } = problem;
  if (!part?.partial) return strides;
  const { heads, rows } = part.partial;
  const along = (length: number): RowStrides => ({
    ...rowStrides('bhsd', heads, rows, length),
    ...(tokens && { batch: 0 }),
  });
  return { ...strides, o: along(problem.headDimV), lse: along(1) };
}

/** Results that are to be merged, of all sets of keys. */
export function partialSpecs(
  { headDimV }: AttentionProblem,
  partial: AttentionPartial,
): readonly TensorSpec[] {
  const { count, batch, heads, rows } = partial;
  const shape = [count, batch, heads, rows];
  return [
    { shape: [...shape, headDimV], dtype: 'f32' },
    { shape, dtype: 'f32' },
  ];
}

/** Rows that a problem touches of a tensor: distances along its axes, where they begin on each, and how many there are. */
export interface Rows {
  readonly strides: readonly number[];
  readonly first: readonly number[];
  readonly counts: readonly number[];
  /** Elements of a row. */
  readonly length: number;
  /** The element at which row 0 of the first sequence and head is. */
  readonly origin: number;
}

export function rowsOf(problem: AttentionProblem, name: CutTensor): Rows {
  const { batch, heads, kvHeads, headDim, headDimV, mask, cache, part } = problem;
  const first = firstOf(problem);
  const ofQueries = {
    first: [first.batch, first.head, first.query],
    counts: [batch, heads, queryRows(problem)],
    origin: 0,
  };
  if (name === 'mask')
    return { ...ofQueries, strides: maskStrides(mask!).slice(0, 3), length: mask!.shape[3] };
  const { batch: b, head, row } = stridesOf(problem)[name];
  const strides = [b, head, row];
  const length = name === 'lse' ? 1 : name === 'q' || name === 'k' ? headDim : headDimV;
  if (name === 'k' || name === 'v') {
    const capacity = cache?.kind === 'ring' ? problem.seqLenKv : keyRowCount(problem);
    const [begin, end] = part?.keys ?? [0, capacity];
    return {
      first: [first.batch, first.kvHead, begin % Math.max(1, capacity)],
      counts: [batch, kvHeads, end - begin],
      strides,
      length,
      origin: 0,
    };
  }
  const partial = name === 'q' ? undefined : part?.partial;
  if (!partial) return { ...ofQueries, strides, length };
  const { which, batch: sequences, heads: all, rows, first: from } = partial;
  const before = which * sequences * all * rows * length;
  return {
    ...ofQueries,
    strides,
    length,
    origin: before - (b * from.batch + head * from.head + row * from.query),
  };
}

export const beginOf = ({ strides, first, origin }: Rows): number =>
  strides.reduce((sum, stride, axis) => sum + stride * first[axis]!, origin);
