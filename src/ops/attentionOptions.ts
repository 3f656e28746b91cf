import type { Tensor } from '../tensor.ts';
import type { Lengths } from './lengths.ts';
import type { KernelChoice } from './select.ts';

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
   * Of a shape that broadcasts to [batch, heads, seqLenQ, seqLenKv]. The last axis may also be shorter: keys behind its end are hidden,
   * as in ONNX's Attention, but one of length 1 stands for all keys. f32 or f16: added to the scores; entries of -2^127 and less
   * (-Infinity among them) hide their key. u32: 0 hides the key.
   */
  readonly mask?: Tensor<'f32' | 'f16' | 'u32'> | undefined;
  /** ALiBi: each score loses the slope times the distance between query and key. [heads] or [batch, heads]. */
  readonly alibiSlopes?: Tensor<'f32'> | undefined;
  /** Of shape [heads]. A score without a key, which takes its share of each row's weights and adds no value. */
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

export interface CachedAttentionOptions extends Omit<AttentionOptions, 'lengths' | 'offsetsQ' | 'offsetsKv'> {
  /** How many keys each sequence has by now, those of the queries' own tokens among them; of a ring, how many it ever had. */
  readonly lengths: Lengths;
  /** Paged: [batch, blocks of a sequence] numbers of blocks, those of the first sequence first. */
  readonly blockTable?: Lengths | undefined;
}
