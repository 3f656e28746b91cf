import { ArgumentError, DTypeError, ShapeError } from '../errors.ts';
import {
  MAX_DISTANCE,
  OPTIONAL_INPUTS,
  type AttentionLayout,
  type AttentionProblem,
  type OptionalInput,
} from '../reference/attention.ts';
import { formatShape, type Tensor } from '../tensor.ts';
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
type Extras = Partial<Record<OptionalInput, Tensor>>;

/** @throws what `attention` throws. */
export function attentionArguments(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions,
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
  const problem = problemOf(sizes, dtype, options, offsets);
  const lengths =
    options.lengths === undefined
      ? undefined
      : lengthsInput('attention', 'lengths', options.lengths, {
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

function denseSizes(q: Tensor, k: Tensor, v: Tensor, layout: AttentionLayout): Sizes {
  expectOneOf('attention', 'layout', layout, ['bhsd', 'bshd']);
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
  expectShape('attention', 'k', k, [[...kv, headDim]], ` to go with q ${formatShape(q.shape)}`);
  expectShape('attention', 'v', v, [[...kv, headDimV]], ` to go with k ${formatShape(k.shape)}`);
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

function packedSizes(q: Tensor, k: Tensor, v: Tensor, offsets: Offsets): Sizes {
  const [tokensQ, heads, headDim] = withAxes('q', q, 3, '[tokens, heads, headDim]') as [
    number,
    number,
    number,
  ];
  const [tokensKv, kvHeads] = withAxes('k', k, 3, '[tokens, kvHeads, headDim]') as [number, number];
  const headDimV = withAxes('v', v, 3, '[tokens, kvHeads, headDimV]')[2]!;
  expectShape('attention', 'k', k, [[tokensKv, kvHeads, headDim]], ` to go with q ${formatShape(q.shape)}`);
  expectShape('attention', 'v', v, [[tokensKv, kvHeads, headDimV]], ` to go with k ${formatShape(k.shape)}`);
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
