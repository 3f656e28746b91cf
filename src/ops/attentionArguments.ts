import { ArgumentError, DTypeError, ShapeError } from '../errors.ts';
import type {
  AttentionLayout,
  AttentionMask,
  AttentionProblem,
  OptionalInput,
} from '../reference/attention.ts';
import { MAX_DISTANCE, OPTIONAL_INPUTS } from '../reference/attention.ts';
import { formatShape, type DType, type Tensor } from '../tensor.ts';
import type { AttentionOptions, CachedAttentionOptions } from './attentionOptions.ts';
import { deviceOf } from './execute.ts';
import { blockTableInput, type KeyValueCache } from './keyValueCache.ts';
import { lengthsInput } from './lengths.ts';
import { tokenRows } from './rotary.ts';

const SHARED_OPTIONS = [
  'causal',
  'alignment',
  'window',
  'scale',
  'softcap',
  'mask',
  'alibiSlopes',
  'sinks',
  'layout',
  'lengths',
] as const;

/** Names of the options of `attention`, and of those of `attentionWithCache`. */
export const ATTENTION_OPTIONS = [
  ...SHARED_OPTIONS,
  'offsetsQ',
  'offsetsKv',
] as const satisfies readonly (keyof AttentionOptions)[];
export const CACHED_OPTIONS = [
  ...SHARED_OPTIONS,
  'blockTable',
] as const satisfies readonly (keyof CachedAttentionOptions)[];

/** The problem that attention's arguments state, and the tensors of its inputs in their order. */
interface AttentionArguments {
  readonly problem: AttentionProblem;
  readonly inputs: readonly Tensor[];
  /** Gives back what was made here from numbers of the caller. */
  readonly release: () => void;
}

type Sizes = Pick<
  AttentionProblem,
  'batch' | 'heads' | 'kvHeads' | 'seqLenQ' | 'seqLenKv' | 'headDim' | 'headDimV'
> &
  Pick<AttentionProblem, 'layout' | 'tokens' | 'cache' | 'quantised'>;

/** What an option's tensor is taken from, and how it is given back where it was made here. */
type Extras = Partial<Record<OptionalInput, Tensor>>;

/** @throws what `attention` throws. */
export function attentionArguments(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions,
): AttentionArguments {
  const dtype = checkTypes(q, k, v);
  const offsets = checkOffsets(q, k, options);
  const sizes = offsets ? packedSizes(q, k, v, offsets) : denseSizes(q, k, v, options.layout ?? 'bhsd');
  const device = deviceOf('attention', [q]);
  const temporaries: Tensor[] = [];
  const upload = (numbers: ArrayLike<number>): Tensor => {
    const tensor = device.tensor(numbers, [numbers.length], 'u32');
    temporaries.push(tensor);
    return tensor;
  };
  const problem = problemOf(sizes, dtype, options, offsets);
  const lengths =
    options.lengths &&
    lengthsInput('attention', 'lengths', options.lengths, {
      count: sizes.batch,
      largest: sizes.seqLenKv,
      device,
    });
  const extras: Extras = {
    ...optionExtras(options),
    ...(lengths && { lengths: lengths.tensor }),
    ...(offsets && { offsetsQ: upload(offsets.q), offsetsKv: upload(offsets.kv) }),
  };
  return {
    problem,
    inputs: [q, k, v, ...inOrder(extras)],
    release: () => {
      lengths?.release();
      for (const tensor of temporaries) tensor.dispose();
    },
  };
}

/** @throws what `attentionWithCache` throws. */
export function cachedArguments(
  q: Tensor,
  cache: KeyValueCache,
  options: CachedAttentionOptions,
): AttentionArguments {
  const { layout = 'bhsd' } = options;
  const { batch, heads, seqLen, headDim, dtype } = tokenRows('attentionWithCache', 'q', q, layout);
  const device = deviceOf('attentionWithCache', [q, cache.keys]);
  const table = blockTableInput('attentionWithCache', cache, options.blockTable, batch, device);
  const seqLenKv = cache.capacity ?? table!.capacity;
  const ring = cache.layout.kind === 'ring';
  if (dtype !== cache.dtype) {
    throw new DTypeError(`attentionWithCache: q must be of the cache's type, ${cache.dtype}, got ${dtype}`, {
      argument: 'q',
      got: dtype,
    });
  }
  if (headDim !== cache.headDim || batch !== (cache.batch ?? batch)) {
    throw new ShapeError(
      `attentionWithCache: q must have headDim ${cache.headDim}` +
        (cache.batch === undefined ? '' : ` and ${cache.batch} sequences`) +
        `, got ${formatShape(q.shape)}`,
      { argument: 'q', got: q.shape },
    );
  }
  if (ring && options.mask) {
    throw new ArgumentError('attentionWithCache: a ring has no place for a key that a mask could name', {
      argument: 'mask',
    });
  }
  const sizes: Sizes = {
    batch,
    heads,
    kvHeads: cache.kvHeads,
    seqLenQ: seqLen,
    seqLenKv,
    headDim,
    headDimV: cache.headDimV,
    ...(layout === 'bshd' && { layout }),
    cache: cache.layout,
    ...(cache.quantised && { quantised: true }),
  };
  const problem = problemOf(
    sizes,
    dtype,
    { ...options, alignment: options.alignment ?? defaultAlignment(options) },
    undefined,
  );
  const largest = ring ? MAX_DISTANCE : seqLenKv;
  const lengths = lengthsInput('attentionWithCache', 'lengths', options.lengths, {
    count: batch,
    largest,
    device,
  });
  const extras: Extras = {
    ...optionExtras(options),
    lengths: lengths.tensor,
    ...(table && { blockTable: table.tensor }),
    ...(cache.keyScales && { scalesK: cache.keyScales, scalesV: cache.valueScales! }),
  };
  return {
    problem,
    inputs: [q, cache.keys, cache.values, ...inOrder(extras)],
    release: () => {
      lengths.release();
      table?.release();
    },
  };
}

/** New tokens stand behind the keys that were there before. */
const defaultAlignment = ({ causal }: CachedAttentionOptions): AttentionOptions['alignment'] =>
  typeof causal === 'string' ? causal : 'lower-right';

const inOrder = (extras: Extras): readonly Tensor[] => OPTIONAL_INPUTS.flatMap((name) => extras[name] ?? []);

function optionExtras({ mask, alibiSlopes, sinks }: AttentionOptions): Extras {
  return { ...(mask && { mask }), ...(alibiSlopes && { slopes: alibiSlopes }), ...(sinks && { sinks }) };
}

function problemOf(
  sizes: Sizes,
  dtype: 'f32' | 'f16',
  options: AttentionOptions,
  offsets: Offsets | undefined,
): AttentionProblem {
  checkHeads(sizes);
  const { mask, alibiSlopes, sinks, lengths } = options;
  if (sinks) checkPerHead('sinks', sinks, [[sizes.heads]]);
  return {
    ...sizes,
    dtype,
    scale: checkScale(options.scale ?? 1 / Math.sqrt(sizes.headDim)),
    ...checkReach(options, sizes, offsets),
    ...(options.softcap !== undefined && { softcap: checkSoftcap(options.softcap) }),
    ...(mask && { mask: checkMask(mask, sizes) }),
    ...(alibiSlopes && { alibi: checkSlopes(alibiSlopes, sizes) }),
    ...(sinks && { sinks: true }),
    ...(lengths && { lengths: true }),
  };
}

function checkTypes(q: Tensor, k: Tensor, v: Tensor): 'f32' | 'f16' {
  const { dtype } = q;
  if ((dtype === 'f32' || dtype === 'f16') && k.dtype === dtype && v.dtype === dtype) return dtype;
  const got = [q.dtype, k.dtype, v.dtype];
  throw new DTypeError(`attention takes q, k and v that are all f32 or all f16, got ${got.join(', ')}`, {
    got,
  });
}

function denseSizes(q: Tensor, k: Tensor, v: Tensor, layout: AttentionLayout): Sizes {
  if (layout !== 'bhsd' && layout !== 'bshd') {
    throw new ArgumentError(`attention: layout must be "bhsd" or "bshd", got ${JSON.stringify(layout)}`, {
      argument: 'layout',
      got: layout,
      expected: ['bhsd', 'bshd'],
    });
  }
  const axes = (heads: string, seqLen: string, dim: string): string =>
    layout === 'bhsd' ? `[batch, ${heads}, ${seqLen}, ${dim}]` : `[batch, ${seqLen}, ${heads}, ${dim}]`;
  const ordered = (heads: number, seqLen: number): [number, number] =>
    layout === 'bhsd' ? [heads, seqLen] : [seqLen, heads];
  const sized = (name: string, tensor: Tensor, text: string): readonly [number, number, number, number] => {
    const [batch, second, third, dim] = withAxes(name, tensor, 4, text);
    return [batch!, ...ordered(second!, third!), dim!];
  };
  const [batch, heads, seqLenQ, headDim] = sized('q', q, axes('heads', 'seqLenQ', 'headDim'));
  const [, kvHeads, seqLenKv] = sized('k', k, axes('kvHeads', 'seqLenKv', 'headDim'));
  const headDimV = sized('v', v, axes('kvHeads', 'seqLenKv', 'headDimV'))[3];
  const kv = [batch, ...ordered(kvHeads, seqLenKv)];
  expectShape('k', k, [[...kv, headDim]], `to go with q ${formatShape(q.shape)}`);
  expectShape('v', v, [[...kv, headDimV]], `to go with k ${formatShape(k.shape)}`);
  return {
    batch,
    heads,
    kvHeads,
    seqLenQ,
    seqLenKv,
    headDim,
    headDimV,
    ...(layout !== 'bhsd' && { layout }),
  };
}

interface Offsets {
  readonly q: ArrayLike<number>;
  readonly kv: ArrayLike<number>;
}

function packedSizes(q: Tensor, k: Tensor, v: Tensor, offsets: Offsets): Sizes {
  const [tokensQ, heads, headDim] = withAxes('q', q, 3, '[tokens, heads, headDim]') as [
    number,
    number,
    number,
  ];
  const [tokensKv, kvHeads] = withAxes('k', k, 3, '[tokens, kvHeads, headDim]') as [number, number];
  const headDimV = withAxes('v', v, 3, '[tokens, kvHeads, headDimV]')[2]!;
  expectShape('k', k, [[tokensKv, kvHeads, headDim]], `to go with q ${formatShape(q.shape)}`);
  expectShape('v', v, [[tokensKv, kvHeads, headDimV]], `to go with k ${formatShape(k.shape)}`);
  const longest = (values: ArrayLike<number>): number => {
    let length = 0;
    for (let b = 1; b < values.length; b++) length = Math.max(length, values[b]! - values[b - 1]!);
    return length;
  };
  return {
    batch: offsets.q.length - 1,
    heads,
    kvHeads,
    seqLenQ: longest(offsets.q),
    seqLenKv: longest(offsets.kv),
    headDim,
    headDimV,
    layout: 'packed',
    tokens: { q: tokensQ, kv: tokensKv },
  };
}

function checkOffsets(
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
  checkAscending('offsetsQ', offsets.q, q.shape[0]);
  checkAscending(offsetsKv ? 'offsetsKv' : 'offsetsQ', offsets.kv, k.shape[0]);
  if (offsets.q.length !== offsets.kv.length) {
    throw new ArgumentError(
      `attention: offsetsKv must have as many numbers as offsetsQ, ${offsets.q.length}, got ${offsets.kv.length}`,
      { argument: 'offsetsKv', got: offsets.kv.length, expected: offsets.q.length },
    );
  }
  return offsets;
}

/** From 0 to the number of rows, never backwards. */
function checkAscending(argument: string, offsets: ArrayLike<number>, rows: number | undefined): void {
  if (offsets.length < 1 || offsets[0] !== 0 || offsets[offsets.length - 1] !== rows) {
    throw new ArgumentError(
      `attention: ${argument} must begin with 0 and end with the number of rows, ${rows}, ` +
        `got ${offsets[0]} and ${offsets[offsets.length - 1]}`,
      { argument, got: [offsets[0], offsets[offsets.length - 1]], expected: [0, rows] },
    );
  }
  for (let b = 1; b < offsets.length; b++) {
    if (Number.isInteger(offsets[b]) && offsets[b]! >= offsets[b - 1]!) continue;
    throw new ArgumentError(
      `attention: ${argument} must be integers that do not run backwards, got ${offsets[b]} behind ${offsets[b - 1]}`,
      { argument, index: b, got: offsets[b] },
    );
  }
}

function checkHeads({ heads, kvHeads, headDim }: Sizes): void {
  if (headDim === 0) throw new ShapeError('attention: headDim must be at least 1, got 0', { got: headDim });
  if (heads !== 0 && (kvHeads === 0 || heads % kvHeads !== 0)) {
    throw new ShapeError(
      `attention: the heads of q must be a multiple of the heads of k and v, got ${heads} and ${kvHeads}`,
      { heads, kvHeads },
    );
  }
}

function withAxes(name: string, { shape }: Tensor, count: 3 | 4, axes: string): readonly number[] {
  if (shape.length === count) return shape;
  const words = { 3: 'three', 4: 'four' }[count];
  throw new ShapeError(`attention: ${name} must have ${words} axes ${axes}, got ${formatShape(shape)}`, {
    argument: name,
    got: shape,
  });
}

/** One of the shapes expected. */
function expectShape(
  name: string,
  { shape }: Tensor,
  expected: readonly (readonly number[])[],
  why: string,
): void {
  const fits = (candidate: readonly number[]): boolean =>
    shape.length === candidate.length && shape.every((size, axis) => size === candidate[axis]);
  if (expected.some(fits)) return;
  throw new ShapeError(
    `attention: ${name} must have shape ${expected.map(formatShape).join(' or ')} ${why}, got ${formatShape(shape)}`,
    { argument: name, got: shape, expected: expected.length === 1 ? expected[0] : expected },
  );
}

function expectType(name: string, { dtype }: Tensor, expected: readonly DType[]): void {
  if (expected.includes(dtype)) return;
  throw new DTypeError(`attention: ${name} must be ${expected.join(' or ')}, got ${dtype}`, {
    argument: name,
    got: dtype,
    expected,
  });
}

/** The scale reaches the GPU as f32, multiplied by log2(e). */
function checkScale(scale: number): number {
  if (typeof scale === 'number' && Number.isFinite(Math.fround(scale * Math.LOG2E))) return scale;
  throw new ArgumentError(`attention: scale must be a finite number in f32, got ${String(scale)}`, {
    argument: 'scale',
    got: scale,
  });
}

function checkSoftcap(softcap: number): number {
  if (typeof softcap === 'number' && softcap > 0 && Number.isFinite(Math.fround(softcap * Math.LOG2E)))
    return softcap;
  throw new ArgumentError(
    `attention: softcap must be a positive number, finite in f32, got ${String(softcap)}`,
    {
      argument: 'softcap',
      got: softcap,
    },
  );
}

function checkMask(mask: Tensor, { batch, heads, seqLenQ, seqLenKv }: Sizes): AttentionMask {
  expectType('mask', mask, ['f32', 'f16', 'u32']);
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

function checkPerHead(name: string, tensor: Tensor, shapes: readonly (readonly number[])[]): Tensor {
  expectType(name, tensor, ['f32']);
  expectShape(name, tensor, shapes, 'to give each head its own');
  return tensor;
}

function checkSlopes(slopes: Tensor, { batch, heads }: Sizes): 'heads' | 'batch' {
  checkPerHead('alibiSlopes', slopes, [[heads], [batch, heads]]);
  return slopes.shape.length === 2 ? 'batch' : 'heads';
}

/** Which keys a query sees, by where it stands. */
function checkReach(
  { causal = false, alignment, window, alibiSlopes, lengths }: AttentionOptions,
  sizes: Sizes,
  offsets: Offsets | undefined,
): Pick<AttentionProblem, 'alignment' | 'left' | 'right'> {
  checkOneOf('causal', causal, [false, true, 'upper-left', 'lower-right']);
  const left = checkDistance('window.left', window?.left);
  const right = checkDistance('window.right', window?.right);
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
  const reach = {
    ...(left !== undefined && { left }),
    ...(causal !== false ? { right: 0 } : right !== undefined && { right }),
  };
  const where = checkAlignment(alignment ?? named);
  if (where !== undefined) return { ...reach, alignment: where };
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
  throw new ArgumentError(
    `attention: alignment must be "upper-left", "lower-right" or an integer of at most 2^29, got ${JSON.stringify(alignment)}`,
    { argument: 'alignment', got: alignment },
  );
}

/** Undefined where there is no limit. */
function checkDistance(argument: string, distance: number | undefined): number | undefined {
  if (distance === undefined || distance === Infinity) return undefined;
  if (Number.isInteger(distance) && distance >= 0) return distance;
  throw new ArgumentError(`attention: ${argument} must be a non-negative integer, got ${String(distance)}`, {
    argument,
    got: distance,
  });
}

function checkOneOf(argument: string, got: unknown, expected: readonly unknown[]): void {
  if (expected.includes(got)) return;
  throw new ArgumentError(
    `attention: ${argument} must be ${expected.map((value) => JSON.stringify(value)).join(', ')}, got ${JSON.stringify(got)}`,
    { argument, got, expected },
  );
}

function sameNumbers({ q, kv }: Offsets): boolean {
  return Array.from(q).every((value, index) => value === kv[index]);
}
