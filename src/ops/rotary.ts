import { ShapeError } from '../errors.ts';
import { writeRowsOperation } from '../kernels/writeRows/index.ts';
import type { Rotary, WriteRowsProblem } from '../reference/writeRows.ts';
import { formatShape, sameShape, type Tensor } from '../tensor.ts';
import { deviceOf, execute } from './execute.ts';
import { lengthsInput, type Lengths } from './lengths.ts';
import { checkOptions, FLAG, checkTensor } from './options.ts';
import type { KernelChoice } from './select.ts';
import { expectOneOf } from '../expect.ts';
import { expectType } from './expect.ts';

/** Tables for rotary position embedding. */
export interface RotaryTables {
  /** Cosines and sines, f32 [positions, rotaryDim / 2]; the first rotaryDim elements of a row are rotated. */
  readonly cos: Tensor<'f32'>;
  readonly sin: Tensor<'f32'>;
  /** Pairs are elements 2p and 2p + 1, instead of p and p + rotaryDim / 2. Default: false. */
  readonly interleaved?: boolean | undefined;
}

export interface RotaryOptions extends KernelChoice {
  /** The position of each sequence's first token: `batch` numbers. Default: 0. Behind the tables' end their last row counts. */
  readonly positions?: Lengths | undefined;
  /** The axes of x: [batch, heads, sequence, headDim], the default, or [batch, sequence, heads, headDim]. */
  readonly layout?: 'bhsd' | 'bshd' | undefined;
}

/**
 * Rotary position embedding (ONNX RotaryEmbedding, opset 23) of x [batch, heads, sequence, headDim]: each pair (u, v) of the
 * first elements of a row becomes (u cos - v sin, u sin + v cos), by the tables' row for the token's position. f32 or f16,
 * both computed in f32.
 *
 * @example rotary(q, { cos, sin }, { positions: [17] })
 * @throws ShapeError, DTypeError, ArgumentError for tables, positions or a layout that do not fit.
 */
export function rotary<D extends 'f32' | 'f16'>(
  x: Tensor<D>,
  tables: RotaryTables,
  options: RotaryOptions = {},
): Tensor<D> {
  checkOptions('rotary', options, ['positions', 'layout'], { x });
  const tokens = tokenRows('rotary', 'x', x, options.layout);
  const turned = checkTables('rotary', tables, tokens.headDim);
  const problem = tokenProblem(tokens, { rotary: turned });
  const device = deviceOf('rotary', [x, tables.cos, tables.sin]);
  const positions = lengthsInput('rotary', 'positions', options.positions ?? new Uint32Array(tokens.batch), {
    count: tokens.batch,
    largest: turned.rows - 1,
    device,
  });
  try {
    const inputs = [x, positions.tensor, tables.cos, tables.sin];
    const request = { operation: writeRowsOperation, problem, inputs, shapes: [x.shape], choice: options };
    return execute(request)[0] as Tensor<D>;
  } finally {
    positions.release();
  }
}

/** Rows of new tokens: what they are, and how they lie. */
export interface TokenRows {
  readonly batch: number;
  readonly heads: number;
  readonly seqLen: number;
  readonly headDim: number;
  readonly dtype: 'f32' | 'f16';
  readonly layout: 'bhsd' | 'bshd';
}

/** @throws DTypeError, ShapeError, ArgumentError unless x is f32 or f16 with the four axes of its layout. */
export function tokenRows(
  op: string,
  argument: string,
  tensor: Tensor,
  layout: 'bhsd' | 'bshd' = 'bhsd',
): TokenRows {
  expectOneOf(op, 'layout', layout, ['bhsd', 'bshd']);
  const dtype = expectType(op, argument, tensor, ['f32', 'f16']);
  const { shape } = tensor;
  if (shape.length !== 4) {
    const axes =
      layout === 'bhsd' ? '[batch, heads, sequence, headDim]' : '[batch, sequence, heads, headDim]';
    throw new ShapeError(`${op}: ${argument} must have four axes ${axes}, got ${formatShape(shape)}`, {
      argument,
      got: shape,
    });
  }
  const [batch, second, third, headDim] = shape as readonly [number, number, number, number];
  const [heads, seqLen] = layout === 'bhsd' ? [second, third] : [third, second];
  return { batch, heads, seqLen, headDim, dtype, layout };
}

/** The problem of writing tokens' rows: every field by name, and all of them, since engines are slow with objects of many forms. */
export function tokenProblem(
  rows: TokenRows,
  { rotary, cache, quantised }: Pick<WriteRowsProblem, 'rotary' | 'cache' | 'quantised'>,
): WriteRowsProblem {
  const { batch, heads, seqLen, headDim, dtype, layout } = rows;
  return { batch, heads, seqLen, headDim, dtype, layout, rotary, cache, quantised };
}

/** @throws DTypeError, ShapeError unless both tables are f32 of one shape, and rotate no more than a row has. */
export function checkTables(op: string, tables: RotaryTables, headDim: number): Rotary {
  const { cos, sin, interleaved = false } = (tables as RotaryTables | undefined) ?? ({} as RotaryTables);
  checkTensor(op, 'cos', cos);
  checkTensor(op, 'sin', sin);
  expectOneOf(op, 'interleaved', interleaved, FLAG);
  for (const [argument, table] of Object.entries({ cos, sin })) expectType(op, argument, table, ['f32']);
  const [rows = 0, pairs = 0] = cos.shape;
  if (cos.shape.length !== 2 || rows === 0 || 2 * pairs > headDim || !sameShape(cos.shape, sin.shape)) {
    throw new ShapeError(
      `${op}: cos and sin must both have shape [positions, pairs] with at most headDim / 2, ${headDim / 2}, pairs, ` +
        `got ${formatShape(cos.shape)} and ${formatShape(sin.shape)}`,
      { argument: 'cos', got: [cos.shape, sin.shape] },
    );
  }
  return { dim: 2 * pairs, rows, interleaved };
}
