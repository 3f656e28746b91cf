import { ArgumentError, DTypeError, ShapeError } from '../errors.ts';
import {
  MAX_DISTANCE,
  OPTIONAL_INPUTS,
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
  type Offsets,
  type Sizes,
} from './attentionChecks.ts';
import type { AttentionOptions, CachedAttentionOptions } from './attentionOptions.ts';
import { denseSizes, packedSizes } from './attentionSizes.ts';
import { deviceOf } from './execute.ts';
import { blockTableInput, checkCache, type KeyValueCache } from './keyValueCache.ts';
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
  const problem = problemOf(sizes, dtype, options, options.alignment, offsets, logSumExp);
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
  const problem = problemOf(sizes, dtype, options, options.alignment ?? defaultAlignment(options));
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
  asked: AttentionOptions['alignment'],
  offsets?: Offsets,
  logSumExp = false,
): AttentionProblem {
  checkHeads(sizes);
  const { mask, alibiSlopes, sinks, lengths } = options;
  if (sinks) checkPerHead('sinks', sinks, [[sizes.heads]]);
  const { softcap } = options;
  const { alignment, left, right } = checkReach(options, asked, sizes, offsets);
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
