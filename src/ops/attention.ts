import { attentionOperation } from '../kernels/attention/index.ts';
import type { Tensor } from '../tensor.ts';
import { attentionArguments } from './attentionArguments.ts';
import { execute } from './execute.ts';
import { checkOptions } from './options.ts';
import type { KernelChoice } from './select.ts';

/** Numbers on the host, checked when they are given, or a tensor, whose values count as the nearest that is in bounds. */
export type Lengths = ArrayLike<number> | Tensor<'u32'>;

export interface AttentionOptions extends KernelChoice {
  /**
   * Query i sees no key behind the one at which it stands. `upper-left`: that is key i, as `is_causal` in PyTorch and ONNX.
   * `lower-right`: the last query stands at the last key, as with a cache of earlier keys. `true` leaves it to `alignment`.
   * Default: false, every query sees every key.
   */
  readonly causal?: boolean | 'upper-left' | 'lower-right' | undefined;
  /**
   * At which key a query stands, for `causal`, `window` and `alibiSlopes`; a number is that of query 0. Where there are as many
   * queries as keys `upper-left` and `lower-right` are the same, and it may be left out.
   */
  readonly alignment?: 'upper-left' | 'lower-right' | number | undefined;
  /** How many keys before and after the one at which it stands a query sees. Default: all. */
  readonly window?: { readonly left?: number | undefined; readonly right?: number | undefined } | undefined;
  /** Multiplies the scores. Default: `1 / sqrt(headDim)`. */
  readonly scale?: number | undefined;
  /** Scores become `softcap * tanh(score / softcap)`, before bias and mask. */
  readonly softcap?: number | undefined;
  /**
   * Of a shape that broadcasts to [batch, heads, seqLenQ, seqLenKv]. f32 or f16: added to the scores; entries of -2^127 and less
   * (-Infinity among them) hide their key. u32: 0 hides the key.
   */
  readonly mask?: Tensor<'f32' | 'f16' | 'u32'> | undefined;
  /** ALiBi: each score loses the slope times the distance between query and key. [heads] or [batch, heads]. */
  readonly alibiSlopes?: Tensor<'f32'> | undefined;
  /** [heads]: a score without a key, which takes its share of each row's weights and adds no value. */
  readonly sinks?: Tensor<'f32'> | undefined;
  /** The axes of q, k, v and the result: [batch, heads, sequence, headDim], the default, or [batch, sequence, heads, headDim]. */
  readonly layout?: 'bhsd' | 'bshd' | undefined;
  /** How many keys each sequence has: `batch` numbers of at most seqLenKv. Default: all have seqLenKv. */
  readonly lengths?: Lengths | undefined;
  /**
   * Sequences packed one behind the other: q [tokens, heads, headDim] with sequence b in the rows from `offsetsQ[b]` to before
   * `offsetsQ[b + 1]`; k and v likewise with `offsetsKv`, which by default is the same.
   */
  readonly offsetsQ?: ArrayLike<number> | undefined;
  readonly offsetsKv?: ArrayLike<number> | undefined;
}

/**
 * Scaled dot-product attention `softmax(scale * q k^T) v` of q [batch, heads, seqLenQ, headDim],
 * k [batch, kvHeads, seqLenKv, headDim] and v [batch, kvHeads, seqLenKv, headDimV], giving
 * [batch, heads, seqLenQ, headDimV]. `heads` is a multiple of `kvHeads`: each head of k and v serves a group of
 * neighbouring heads of q. f32 or f16, both computed in f32. A query that sees no key gives exact zeros; keys that a query
 * does not see have no influence on it, whatever they hold.
 *
 * Scores are scaled, capped, biased and masked in this order, as ONNX's Attention does (opset 23).
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
  return run(q, k, v, options, false)[0] as Tensor<D>;
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
  const [output, logSumExp] = run(q, k, v, options, true);
  return { output: output as Tensor<D>, logSumExp: logSumExp as Tensor<'f32'> };
}

const OPTIONS = [
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
  'offsetsQ',
  'offsetsKv',
] as const satisfies readonly (keyof AttentionOptions)[];

function run(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions, logSumExp: boolean): Tensor[] {
  checkOptions('attention', options, OPTIONS);
  const { problem: checked, extras, hostInputs } = attentionArguments(q, k, v, options);
  const problem = logSumExp ? { ...checked, logSumExp } : checked;
  try {
    return execute({
      operation: attentionOperation,
      problem,
      inputs: [q, k, v, ...extras],
      shapes: attentionOperation.outputs(problem).map(({ shape }) => shape),
      choice: options,
    });
  } finally {
    for (const tensor of hostInputs) tensor.dispose();
  }
}
