// Where a part of the problem of writing rows is in the tensors of the whole.
import { rowStrides, type RowStrides } from '../../reference/attention.ts';
import type { WriteRowsPart, WriteRowsProblem, WriteRowsTensor } from '../../reference/writeRows.ts';
import type { TensorSpec } from '../../tensor.ts';

/** Tensors that are cut by themselves: factors of quantised rows are with them, sines with cosines. */
export type CutTensor = 'x' | 'rows' | 'cos';

/** Rows of a cache in all: those of a sequence and head where each has its own. */
function cacheRowCount({ cache }: WriteRowsProblem): number {
  if (!cache) return 0;
  const { layout, capacity } = cache;
  return layout.kind === 'paged' ? layout.blocks * layout.blockSize : capacity;
}

/** How x lies, and how the result does. */
export function writeRowsStrides(problem: WriteRowsProblem): Readonly<Record<'x' | 'rows', RowStrides>> {
  const { heads, seqLen, headDim, layout, cache } = problem.part?.whole ?? problem;
  const x = rowStrides(layout, heads, seqLen, headDim);
  const paged = cache?.layout.kind === 'paged';
  return { x, rows: cache ? rowStrides(paged ? 'packed' : 'bhsd', heads, cache.capacity, headDim) : x };
}

/** What there is of a problem: all of it, unless it is a part. */
export const partOf = (problem: WriteRowsProblem): WriteRowsPart =>
  problem.part ?? {
    whole: problem,
    first: { batch: 0, head: 0, token: 0 },
    rows: [0, cacheRowCount(problem)],
    angles: [0, problem.rotary?.rows ?? 0],
    bound: {},
  };

/**
 * Where a tensor's first row is for kernels, among what is bound, for the first sequence and head of the problem. They count
 * rows of a cache and of tables from the first on, which need not be bound: the number may be negative.
 */
export function offsetIn(problem: WriteRowsProblem, name: CutTensor): number {
  const { first, bound } = partOf(problem);
  const from = bound[name]?.[0] ?? 0;
  if (name === 'cos') return -from;
  const { batch, head, row } = writeRowsStrides(problem)[name];
  const token = name === 'rows' && problem.cache ? 0 : first.token;
  return first.batch * batch + first.head * head + token * row - from;
}

/** All tensors, in the order of their bindings. */
export const inputNames = ({ rotary, cache }: WriteRowsProblem): readonly WriteRowsTensor[] => [
  'x',
  'positions',
  ...(rotary ? (['cos', 'sin'] as const) : []),
  ...(cache?.layout.kind === 'paged' ? (['blockTable'] as const) : []),
];
export const outputNames = ({ quantised }: WriteRowsProblem): readonly WriteRowsTensor[] =>
  quantised ? ['rows', 'scales'] : ['rows'];

/** Tensors of a part of a problem, given those of the whole: as many of their elements as are bound. */
export const boundSpecs = <S extends TensorSpec>(
  { part }: WriteRowsProblem,
  names: readonly WriteRowsTensor[],
  specs: readonly S[],
): readonly S[] =>
  specs.map((spec, index) => {
    const bound = part?.bound[names[index]!];
    return bound ? { ...spec, shape: [bound[1] - bound[0]] } : spec;
  });
