import { QUANT_BLOCK, rowStrides, type CacheLayout, type RowStrides } from './attention.ts';
import { cacheRow } from './attentionReference.ts';

/** Rotary position embedding of the first `dim` elements of each row. */
export interface Rotary {
  readonly dim: number;
  /** Positions that the tables of cosines and sines have. */
  readonly rows: number;
  /** Which elements form a pair: 2p and 2p + 1, or else p and p + dim / 2. */
  readonly interleaved: boolean;
}

/**
 * Takes new tokens' rows x to where they belong: token i of sequence b, which stands at position `positions[b] + i`, to the row
 * of a cache for that position, or to its own place where there is no cache; on the way they may be rotated and quantised.
 *
 * Rotation turns each pair (x, y) into (x cos - y sin, x sin + y cos), by the row of the tables for the position (Su et al.,
 * "RoFormer", 2021, arXiv:2104.09864; ONNX RotaryEmbedding, opset 23). Quantisation stores each block of 32 elements as
 * integers from -127 to 127 and their factor, a 127th of the largest magnitude.
 */
export interface WriteRowsProblem {
  readonly batch: number;
  readonly heads: number;
  readonly seqLen: number;
  /** A multiple of 32 where the result is quantised. */
  readonly headDim: number;
  readonly dtype: 'f32' | 'f16';
  readonly layout: 'bhsd' | 'bshd';
  readonly rotary?: Rotary | undefined;
  /** Where the rows go, and how many positions a sequence has there. */
  readonly cache?: { readonly layout: CacheLayout; readonly capacity: number } | undefined;
  readonly quantised?: boolean | undefined;
  /** Where the problem is a part of a larger one, whose tensors it has: only plans have parts. */
  readonly part?: WriteRowsPart | undefined;
}

/** Tensors of writing rows that can be cut: x, the rows it becomes, their factors, and the tables of angles. */
export type WriteRowsTensor = 'x' | 'positions' | 'cos' | 'sin' | 'blockTable' | 'rows' | 'scales';

/** Which sequences, heads and tokens of a larger problem one has, and which of them it writes. */
export interface WriteRowsPart {
  readonly whole: WriteRowsProblem;
  readonly first: Readonly<Record<'batch' | 'head' | 'token', number>>;
  /** Tokens whose row is among these of the cache: of a sequence and head, or where it is paged of all. */
  readonly rows: readonly [begin: number, end: number];
  /** Tokens whose row of the tables is among these. */
  readonly angles: readonly [begin: number, end: number];
  /** Elements of the whole's tensors that are bound, from one to before another; all of those that are not named. */
  readonly bound: Readonly<Partial<Record<WriteRowsTensor, readonly [begin: number, end: number]>>>;
}

/** x [batch, heads, seqLen, headDim] or as the layout says, positions [batch], then what the problem asks for. */
export interface WriteRowsOperands {
  readonly x: Float64Array;
  readonly positions: Float64Array;
  readonly cos?: Float64Array | undefined;
  readonly sin?: Float64Array | undefined;
  readonly blockTable?: Float64Array | undefined;
}

export function writeRowsOperands(
  { rotary }: WriteRowsProblem,
  [x, positions, ...others]: readonly Float64Array[],
): WriteRowsOperands {
  const [cos, sin, blockTable] = rotary ? others : [undefined, undefined, ...others];
  return { x: x!, positions: positions!, cos, sin, blockTable };
}

/** A row of x with where it goes: offsets of the first elements. */
interface RowMove {
  readonly from: number;
  readonly to: number;
  /** Row of the tables. */
  readonly angle: number;
}

/** Every row that is kept: positions behind a cache's end are dropped, and in a ring the last keep their places. */
export function* rowMoves(
  problem: WriteRowsProblem,
  { positions, blockTable }: WriteRowsOperands,
): Generator<RowMove> {
  const { batch, heads, seqLen, headDim, layout, cache, rotary } = problem;
  const source = rowStrides(layout, heads, seqLen, headDim);
  const target = cache
    ? rowStrides(cache.layout.kind === 'paged' ? 'packed' : 'bhsd', heads, cache.capacity, headDim)
    : source;
  const at = (strides: RowStrides, b: number, head: number, row: number): number =>
    b * strides.batch + head * strides.head + row * strides.row;
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < seqLen; i++) {
      const position = positions[b]! + i;
      if (cache && !(cache.layout.kind === 'ring' ? i + cache.capacity >= seqLen : position < cache.capacity))
        continue;
      const row = cache ? cacheRow(cache.layout, cache.capacity, blockTable, b, position) : i;
      const angle = Math.min(position, (rotary?.rows ?? 1) - 1);
      for (let head = 0; head < heads; head++)
        yield { from: at(source, b, head, i), to: at(target, b, head, row), angle };
    }
  }
}

/** A row of x, rotated. */
export function rotatedRow(
  { headDim, rotary }: WriteRowsProblem,
  { x, cos, sin }: WriteRowsOperands,
  { from, angle }: Pick<RowMove, 'from' | 'angle'>,
): Float64Array {
  const row = x.slice(from, from + headDim);
  if (!rotary) return row;
  const half = rotary.dim / 2;
  for (let p = 0; p < half; p++) {
    const [first, second] = rotary.interleaved ? [2 * p, 2 * p + 1] : [p, p + half];
    const [c, s] = [cos![angle * half + p]!, sin![angle * half + p]!];
    const [u, v] = [x[from + first]!, x[from + second]!];
    row[first] = u * c - v * s;
    row[second] = u * s + v * c;
  }
  return row;
}

/** The factor of a block, and its elements in units of it, not yet rounded. */
export function quantisedBlock(block: Float64Array): {
  readonly scale: number;
  readonly units: Float64Array;
} {
  let largest = 0;
  for (const value of block) largest = Math.max(largest, Math.abs(value));
  return { scale: largest / 127, units: block.map((value) => (largest === 0 ? 0 : (value * 127) / largest)) };
}

/**
 * The definition, in f64: the rows, and where they are quantised their factors.
 *
 * @param old what the results hold before; what is not written stays. NaN where it is not known.
 */
export function writeRowsReference(
  problem: WriteRowsProblem,
  inputs: readonly Float64Array[],
  sizes: readonly number[],
  old?: readonly Float64Array[],
): readonly Float64Array[] {
  const operands = writeRowsOperands(problem, inputs);
  const [rows, scales] = sizes.map(
    (size, index) => old?.[index]?.slice() ?? new Float64Array(size).fill(NaN),
  );
  for (const move of rowMoves(problem, operands)) {
    const row = rotatedRow(problem, operands, move);
    if (!scales) {
      rows!.set(row, move.to);
      continue;
    }
    for (let d = 0; d < row.length; d += QUANT_BLOCK) {
      const { scale, units } = quantisedBlock(row.subarray(d, d + QUANT_BLOCK));
      rows!.set(units.map(Math.round), move.to + d);
      scales[(move.to + d) / QUANT_BLOCK] = scale;
    }
  }
  return scales ? [rows!, scales] : [rows!];
}
