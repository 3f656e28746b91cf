import { ArgumentError, DTypeError, ShapeError } from '../errors.ts';
import {
  MAX_DISTANCE,
  OPTIONAL_INPUTS,
  type AttentionLayout,
  type AttentionProblem,
  type OptionalInput,
} from '../reference/attention.ts';
import { formatShape, sameShape, type Shape, type Tensor } from '../tensor.ts';
import {
  checkHeads,
  checkMask,
  checkPacked,
  checkPerHead,
  checkReach,
  checkScale,
  checkSlopes,
  checkSoftcap,
  checkTypes,
  withAxes,
  type Offsets,
  type Sizes,
} from './attentionChecks.ts';
import type { AttentionOptions, CachedAttentionOptions } from './attentionOptions.ts';
import { deviceOf } from './execute.ts';
import { blockTableInput, checkCache, type KeyValueCache } from './keyValueCache.ts';
import { lengthsInput } from './lengths.ts';
import { tokenRows } from './rotary.ts';
import { expectOneOf } from '../expect.ts';
import { expectShape } from './expect.ts';

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

/** Optional inputs by name. */
type Extras = { readonly [Name in OptionalInput]?: Tensor | undefined };

/** @throws what `attention` throws. */
export function attentionArguments(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions,
  logSumExp = false,
): AttentionArguments {
  const dtype = checkTypes(q, k, v);
  const offsets = checkPacked(q, k, options);
  const sizes = offsets ? packedSizes(q, k, v, offsets) : denseSizes(q, k, v, options.layout ?? 'bhsd');
  const device = deviceOf('attention', [q]);
  const temporaries: Tensor[] = [];
  const upload = (numbers: ArrayLike<number>): Tensor => {
    const tensor = device.tensor(numbers, [numbers.length], 'u32');
    temporaries.push(tensor);
    return tensor;
  };
  const problem = problemOf(sizes, dtype, options, offsets, logSumExp);
  const lengths =
    options.lengths === undefined
      ? undefined
      : lengthsInput('attention', 'lengths', options.lengths, {
          count: sizes.batch,
          largest: sizes.seqLenKv,
          device,
        });
  const extras: Extras = {
    mask: options.mask,
    slopes: options.alibiSlopes,
    sinks: options.sinks,
    lengths: lengths?.tensor,
    offsetsQ: offsets && upload(offsets.q),
    offsetsKv: offsets && upload(offsets.kv),
  };
  return {
    problem,
    inputs: inOrder([q, k, v], extras),
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
  checkCache('attentionWithCache', cache);
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
    layout: layout === 'bshd' ? layout : undefined,
    tokens: undefined,
    cache: cache.layout,
    quantised: cache.quantised || undefined,
  };
  const aligned = { ...options, alignment: options.alignment ?? defaultAlignment(options) };
  const problem = problemOf(sizes, dtype, aligned, undefined);
  const largest = ring ? MAX_DISTANCE : seqLenKv;
  const lengths = lengthsInput('attentionWithCache', 'lengths', options.lengths, {
    count: batch,
    largest,
    device,
  });
  const extras: Extras = {
    mask: options.mask,
    slopes: options.alibiSlopes,
    sinks: options.sinks,
    lengths: lengths.tensor,
    blockTable: table?.tensor,
    scalesK: cache.keyScales,
    scalesV: cache.valueScales,
  };
  return {
    problem,
    inputs: inOrder([q, cache.keys, cache.values], extras),
    release: () => {
      lengths.release();
      table?.release();
    },
  };
}

/** New tokens stand behind the keys that were there before. */
const defaultAlignment = ({ causal }: CachedAttentionOptions): AttentionOptions['alignment'] =>
  typeof causal === 'string' ? causal : 'lower-right';

/** The operands, and what optional inputs there are. */
function inOrder(operands: readonly Tensor[], extras: Extras): readonly Tensor[] {
  const inputs = [...operands];
  for (const name of OPTIONAL_INPUTS) {
    const input = extras[name];
    if (input) inputs.push(input);
  }
  return inputs;
}

function problemOf(
  sizes: Sizes,
  dtype: 'f32' | 'f16',
  options: AttentionOptions,
  offsets: Offsets | undefined,
  logSumExp = false,
): AttentionProblem {
  checkHeads(sizes);
  const { mask, alibiSlopes, sinks, lengths } = options;
  if (sinks) checkPerHead('sinks', sinks, [[sizes.heads]]);
  const { softcap } = options;
  const { alignment, left, right } = checkReach(options, sizes, offsets);
  // Every field by name, and all of them: what copies objects or leaves fields out takes engines many times as long.
  return {
    batch: sizes.batch,
    heads: sizes.heads,
    kvHeads: sizes.kvHeads,
    seqLenQ: sizes.seqLenQ,
    seqLenKv: sizes.seqLenKv,
    headDim: sizes.headDim,
    headDimV: sizes.headDimV,
    layout: sizes.layout,
    tokens: sizes.tokens,
    cache: sizes.cache,
    quantised: sizes.quantised,
    dtype,
    scale: checkScale(options.scale ?? 1 / Math.sqrt(sizes.headDim)),
    alignment,
    left,
    right,
    softcap: softcap === undefined ? undefined : checkSoftcap(softcap),
    mask: mask && checkMask(mask, sizes),
    alibi: alibiSlopes && checkSlopes(alibiSlopes, sizes),
    sinks: sinks && true,
    lengths: lengths && true,
    logSumExp: logSumExp || undefined,
  };
}

function denseSizes(q: Tensor, k: Tensor, v: Tensor, layout: AttentionLayout): Sizes {
  expectOneOf('attention', 'layout', layout, ['bhsd', 'bshd']);
  const ordered = <T>(heads: T, seqLen: T): [T, T] => (layout === 'bhsd' ? [heads, seqLen] : [seqLen, heads]);
  const sized = (name: string, tensor: Tensor, names: [string, string, string]): number[] => {
    const [batch, second, third, dim] = withAxes(name, tensor, [
      'batch',
      ...ordered(names[0], names[1]),
      names[2],
    ]);
    return [batch!, ...ordered(second!, third!), dim!];
  };
  type Axes = [number, number, number, number];
  const [batch, heads, seqLenQ, headDim] = sized('q', q, ['heads', 'seqLenQ', 'headDim']) as Axes;
  const [, kvHeads, seqLenKv] = sized('k', k, ['kvHeads', 'seqLenKv', 'headDim']) as Axes;
  const [, , , headDimV] = sized('v', v, ['kvHeads', 'seqLenKv', 'headDimV']) as Axes;
  const rows = [batch, ...ordered(kvHeads, seqLenKv)];
  expectSizes('k', k, [...rows, headDim], 'q', q);
  expectSizes('v', v, [...rows, headDimV], 'k', k);
  return {
    batch,
    heads,
    kvHeads,
    seqLenQ,
    seqLenKv,
    headDim,
    headDimV,
    layout: layout === 'bhsd' ? undefined : layout,
    tokens: undefined,
    cache: undefined,
    quantised: undefined,
  };
}

/** @throws ShapeError unless the tensor has the sizes that go with another one. */
function expectSizes(argument: string, tensor: Tensor, sizes: Shape, beside: string, other: Tensor): void {
  if (sameShape(tensor.shape, sizes)) return;
  expectShape('attention', argument, tensor, [sizes], ` to go with ${beside} ${formatShape(other.shape)}`);
}

function packedSizes(q: Tensor, k: Tensor, v: Tensor, offsets: Offsets): Sizes {
  type Axes = [number, number, number];
  const [tokensQ, heads, headDim] = withAxes('q', q, ['tokens', 'heads', 'headDim']) as Axes;
  const [tokensKv, kvHeads] = withAxes('k', k, ['tokens', 'kvHeads', 'headDim']) as Axes;
  const [, , headDimV] = withAxes('v', v, ['tokens', 'kvHeads', 'headDimV']) as Axes;
  expectSizes('k', k, [tokensKv, kvHeads, headDim], 'q', q);
  expectSizes('v', v, [tokensKv, kvHeads, headDimV], 'k', k);
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
    cache: undefined,
    quantised: undefined,
  };
}
