// Where a part of attention's problem is in the tensors of the whole.
import {
  attentionStrides,
  maskStrides,
  type AttentionPart,
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

/** Where a problem's first element is in what is bound of a tensor. */
export function offsetIn(problem: AttentionProblem, name: CutTensor): number {
  const bound = problem.part?.bound[name];
  return bound ? beginOf(rowsOf(problem, name)) - bound[0] : 0;
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

/** Rows that a problem touches of a tensor: distances along its axes, where they begin on each, and how many there are. */
export interface Rows {
  readonly strides: readonly number[];
  readonly first: readonly number[];
  readonly counts: readonly number[];
  /** Elements of a row. */
  readonly length: number;
}

export function rowsOf(problem: AttentionProblem, name: CutTensor): Rows {
  const { batch, heads, kvHeads, seqLenQ, seqLenKv, headDim, headDimV, mask } = problem;
  const first = firstOf(problem);
  const ofQueries = { first: [first.batch, first.head, first.query], counts: [batch, heads, seqLenQ] };
  const ofKeys = { first: [first.batch, first.kvHead, 0], counts: [batch, kvHeads, seqLenKv] };
  if (name === 'mask')
    return { ...ofQueries, strides: maskStrides(mask!).slice(0, 3), length: mask!.shape[3] };
  const along = ({ batch: b, head, row }: RowStrides): readonly number[] => [b, head, row];
  const strides = along(attentionStrides(problem)[name]);
  const length = name === 'lse' ? 1 : name === 'q' || name === 'k' ? headDim : headDimV;
  return { ...(name === 'k' || name === 'v' ? ofKeys : ofQueries), strides, length };
}

export const beginOf = ({ strides, first }: Rows): number =>
  strides.reduce((sum, stride, axis) => sum + stride * first[axis]!, 0);
