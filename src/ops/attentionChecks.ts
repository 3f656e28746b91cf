import { ArgumentError, DTypeError, ShapeError } from '../errors.ts';
import { MAX_DISTANCE, type AttentionMask, type AttentionProblem } from '../reference/attention.ts';
import { formatShape, type Tensor, type Shape } from '../tensor.ts';
import { checkOffsets } from './offsets.ts';
import type { AttentionOptions } from './attentionOptions.ts';
import { expectOneOf, refuse } from '../expect.ts';
import { expectShape, expectType } from './expect.ts';

/** What the operands say of a problem. */
export type Sizes = Pick<
  AttentionProblem,
  'batch' | 'heads' | 'kvHeads' | 'seqLenQ' | 'seqLenKv' | 'headDim' | 'headDimV'
> &
  Pick<AttentionProblem, 'layout' | 'tokens' | 'cache' | 'quantised'>;

/** Where the sequences of packed operands begin, and the last ends. */
export interface Offsets {
  readonly q: ArrayLike<number>;
  readonly kv: ArrayLike<number>;
}

export function checkTypes(q: Tensor, k: Tensor, v: Tensor): 'f32' | 'f16' {
  const { dtype } = q;
  if ((dtype === 'f32' || dtype === 'f16') && k.dtype === dtype && v.dtype === dtype) return dtype;
  const got = [q.dtype, k.dtype, v.dtype];
  throw new DTypeError(`attention takes q, k and v that are all f32 or all f16, got ${got.join(', ')}`, {
    got,
  });
}

/** Undefined where the sequences are not packed. */
export function checkPacked(
  q: Tensor,
  k: Tensor,
  { offsetsQ, offsetsKv, layout, lengths, mask }: AttentionOptions,
): Offsets | undefined {
  if (offsetsQ === undefined && offsetsKv === undefined) return undefined;
  if (offsetsQ === undefined)
    throw new ArgumentError('attention: offsetsKv is given, but not offsetsQ', { argument: 'offsetsQ' });
  const excluded = Object.entries({ layout, lengths, mask }).find(([, value]) => value !== undefined);
  if (excluded) {
    throw new ArgumentError(
      `attention: ${excluded[0]} cannot go with offsetsQ, which say how the sequences lie`,
      {
        argument: excluded[0],
      },
    );
  }
  const offsets = { q: offsetsQ, kv: offsetsKv ?? offsetsQ };
  const check = (argument: string, given: ArrayLike<number>, [size = 0]: Shape, of: string): void =>
    checkOffsets('attention', argument, given, { size, axis: `the rows of ${of}` });
  check('offsetsQ', offsets.q, q.shape, 'q');
  check(offsetsKv ? 'offsetsKv' : 'offsetsQ', offsets.kv, k.shape, 'k');
  if (offsets.q.length !== offsets.kv.length) {
    throw new ArgumentError(
      `attention: offsetsKv must have as many numbers as offsetsQ, ${offsets.q.length}, got ${offsets.kv.length}`,
      { argument: 'offsetsKv', got: offsets.kv.length, expected: offsets.q.length },
    );
  }
  return offsets;
}

export function checkHeads({ heads, kvHeads, headDim }: Sizes): void {
  if (headDim === 0)
    throw new ShapeError('attention: headDim must be at least 1, got 0', { argument: 'q', got: headDim });
  if (heads !== 0 && (kvHeads === 0 || heads % kvHeads !== 0)) {
    throw new ShapeError(
      `attention: the heads of q must be a multiple of the heads of k and v, got ${heads} and ${kvHeads}`,
      { argument: 'q', heads, kvHeads },
    );
  }
}

export function withAxes(
  name: string,
  { shape }: Tensor,
  axes: readonly [string, string, string, string?],
): readonly number[] {
  if (shape.length === axes.length) return shape;
  const words = axes.length === 3 ? 'three' : 'four';
  throw new ShapeError(
    `attention: ${name} must have ${words} axes [${axes.join(', ')}], got ${formatShape(shape)}`,
    { argument: name, got: shape },
  );
}

/** The scale reaches the GPU as f32, multiplied by log2(e). */
export function checkScale(scale: number): number {
  if (typeof scale === 'number' && Number.isFinite(Math.fround(scale * Math.LOG2E))) return scale;
  return refuse('attention', 'scale', 'a finite number in f32', scale);
}

export function checkSoftcap(softcap: number): number {
  const inLog2 = typeof softcap === 'number' ? Math.fround(softcap * Math.LOG2E) : NaN;
  if (inLog2 > 0 && Number.isFinite(inLog2)) return softcap;
  return refuse('attention', 'softcap', 'a positive number, finite in f32', softcap);
}

export function checkMask(mask: Tensor, { batch, heads, seqLenQ, seqLenKv }: Sizes): AttentionMask {
  expectType('attention', 'mask', mask, ['f32', 'f16', 'u32']);
  const full = [batch, heads, seqLenQ, seqLenKv];
  const shape = [...Array<number>(Math.max(0, 4 - mask.shape.length)).fill(1), ...mask.shape];
  const fits = (size: number, axis: number): boolean =>
    size === 1 || size === full[axis] || (axis === 3 && 0 < size && size < seqLenKv);
  if (shape.length > 4 || !shape.every(fits)) {
    throw new ShapeError(
      `attention: mask must broadcast to [batch, heads, seqLenQ, seqLenKv], ${formatShape(full)}, of which the last may be less, ` +
        `got ${formatShape(mask.shape)}`,
      { argument: 'mask', got: mask.shape, expected: full },
    );
  }
  const dtype = mask.dtype as AttentionMask['dtype'];
  return {
    kind: dtype === 'u32' ? 'boolean' : 'additive',
    dtype,
    shape: shape as unknown as AttentionMask['shape'],
  };
}

export function checkPerHead(name: string, tensor: Tensor, shapes: readonly (readonly number[])[]): Tensor {
  expectType('attention', name, tensor, ['f32']);
  expectShape('attention', name, tensor, shapes, ' to give each head its own');
  return tensor;
}

export function checkSlopes(slopes: Tensor, { batch, heads }: Sizes): 'heads' | 'batch' {
  checkPerHead('alibiSlopes', slopes, [[heads], [batch, heads]]);
  return slopes.shape.length === 2 ? 'batch' : 'heads';
}

/** Which keys a query sees, by where it stands. */
export function checkReach(
  { causal = false, window, alibiSlopes, lengths }: AttentionOptions,
  alignment: AttentionOptions['alignment'],
  sizes: Sizes,
  offsets: Offsets | undefined,
): Pick<AttentionProblem, 'alignment' | 'left' | 'right'> {
  expectOneOf('attention', 'causal', causal, [false, true, 'upper-left', 'lower-right']);
  const { left, right } = checkWindow(window);
  if (causal !== false && right !== undefined && right !== 0) {
    throw new ArgumentError(
      `attention: causal attention sees no key to the right, got window.right ${right}`,
      {
        argument: 'window.right',
        got: right,
      },
    );
  }
  const named = typeof causal === 'string' ? causal : undefined;
  if (named !== undefined && alignment !== undefined && alignment !== named) {
    throw new ArgumentError(
      `attention: causal ${JSON.stringify(named)} and alignment ${JSON.stringify(alignment)} contradict each other`,
      { argument: 'alignment', got: alignment, expected: named },
    );
  }
  const reach = { left, right: causal === false ? right : 0, alignment: checkAlignment(alignment ?? named) };
  if (reach.alignment !== undefined) return reach;
  const matters = causal !== false || left !== undefined || right !== undefined || alibiSlopes !== undefined;
  const same = lengths === undefined && (offsets ? sameNumbers(offsets) : sizes.seqLenQ === sizes.seqLenKv);
  if (!matters || same) return reach;
  throw new ArgumentError(
    `attention: with ${sizes.seqLenQ} queries and ${sizes.seqLenKv} keys, alignment must say at which key a query stands ` +
      `(or causal, which got ${JSON.stringify(causal)}): 'upper-left' puts query i at key i (is_causal in PyTorch and ONNX), ` +
      `'lower-right' the last query at the last key (a cache), a number query 0 at that key`,
    { argument: 'alignment', got: alignment, expected: ['upper-left', 'lower-right', 'a number'] },
  );
}

function checkAlignment(alignment: AttentionOptions['alignment']): AttentionProblem['alignment'] {
  if (alignment === undefined || alignment === 'lower-right') return alignment;
  if (alignment === 'upper-left') return 0;
  if (Number.isInteger(alignment) && Math.abs(alignment) <= MAX_DISTANCE) return alignment;
  return refuse(
    'attention',
    'alignment',
    '"upper-left", "lower-right" or an integer of at most 2^29',
    alignment,
  );
}

function checkWindow(
  window: NonNullable<AttentionOptions['window']> = {},
): AttentionOptions['window'] & object {
  if (typeof window !== 'object' || Object.keys(window).some((name) => name !== 'left' && name !== 'right')) {
    refuse('attention', 'window', 'an object { left, right }', window);
  }
  return {
    left: checkDistance('window.left', window.left),
    right: checkDistance('window.right', window.right),
  };
}

/** Undefined where there is no limit. */
function checkDistance(argument: string, distance: number | undefined): number | undefined {
  if (distance === undefined || distance === Infinity) return undefined;
  if (Number.isInteger(distance) && distance >= 0) return distance;
  return refuse('attention', argument, 'a non-negative integer', distance);
}

function sameNumbers({ q, kv }: Offsets): boolean {
  return Array.from(q).every((value, index) => value === kv[index]);
}
