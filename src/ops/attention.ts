import { attentionOperation } from '../kernels/attention/index.ts';
import type { Tensor } from '../tensor.ts';
import {
  ATTENTION_OPTIONS,
  attentionArguments,
  CACHED_OPTIONS,
  cachedArguments,
} from './attentionArguments.ts';
import type { AttentionOptions, CachedAttentionOptions } from './attentionOptions.ts';
import { execute } from './execute.ts';
import type { KeyValueCache } from './keyValueCache.ts';
import { checkOptions } from './options.ts';
import type { KernelChoice } from './select.ts';

/**
 * Scaled dot-product attention `softmax(scale * q k^T) v` of q [batch, heads, seqLenQ, headDim],
 * k [batch, kvHeads, seqLenKv, headDim] and v [batch, kvHeads, seqLenKv, headDimV], giving
 * [batch, heads, seqLenQ, headDimV]. `heads` is a multiple of `kvHeads`: each head of k and v serves a group of
 * neighbouring heads of q. f32 or f16, both computed in f32. A query that sees no key gives exact zeros; keys that a query
 * does not see have no influence on it, whatever they hold.
 *
 * Scores are scaled, capped, biased and masked in this order, as ONNX's Attention does (opset 23 and 24).
 *
 * @example attention(q, k, v, { causal: 'lower-right', window: { left: 1023 } })
 * @throws ShapeError when an operand has not the axes of its layout, or sizes do not fit each other.
 * @throws DTypeError when the operands are not all f32 or all f16, or an option's tensor is of the wrong type.
 * @throws ArgumentError for options that do not fit each other, an alignment that is missing, numbers out of bounds.
 */
export function attention<D extends 'f32' | 'f16'>(
  q: Tensor<D>,
  k: Tensor<NoInfer<D>>,
  v: Tensor<NoInfer<D>>,
  options: AttentionOptions = {},
): Tensor<D> {
  return run(denseArguments(q, k, v, options), options)[0] as Tensor<D>;
}

/**
 * `attention`, and for each query the logarithm of the sum of its exponentials (scores as they are before softmax, the
 * sink among them), by which attention to several sets of keys can be merged: f32 [batch, heads, seqLenQ], for packed sequences
 * [heads, tokens]. It is -Infinity for a query that sees no key.
 *
 * @throws what `attention` throws.
 */
export function attentionWithLogSumExp<D extends 'f32' | 'f16'>(
  q: Tensor<D>,
  k: Tensor<NoInfer<D>>,
  v: Tensor<NoInfer<D>>,
  options: AttentionOptions = {},
): { readonly output: Tensor<D>; readonly logSumExp: Tensor<'f32'> } {
  const [output, logSumExp] = run(denseArguments(q, k, v, options, true), options);
  return { output: output as Tensor<D>, logSumExp: logSumExp as Tensor<'f32'> };
}

/**
 * `attention` of q [batch, heads, sequence, headDim] to the keys and values of a cache. Where `alignment` is not given the last
 * query stands at the last key.
 *
 * @example attentionWithCache(q, cache, { lengths: [18], causal: true })
 * @throws what `attention` throws, and ArgumentError for a table of blocks that points outside the cache.
 */
export function attentionWithCache<D extends 'f32' | 'f16'>(
  q: Tensor<D>,
  cache: KeyValueCache,
  options: CachedAttentionOptions,
): Tensor<D> {
  checkOptions('attentionWithCache', options, CACHED_OPTIONS, { q });
  return run(cachedArguments(q, cache, options), options)[0] as Tensor<D>;
}

function denseArguments(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions,
  logSumExp = false,
): ReturnType<typeof attentionArguments> {
  checkOptions('attention', options, ATTENTION_OPTIONS, { q, k, v });
  return attentionArguments(q, k, v, options, logSumExp);
}

function run(
  { problem, inputs, release }: ReturnType<typeof attentionArguments>,
  choice: KernelChoice,
): Tensor[] {
  try {
    return execute({ operation: attentionOperation, problem, inputs, choice });
  } finally {
    release();
  }
}
