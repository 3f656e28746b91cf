import type { Tensor } from 'tilewise';
import type { KeyValueCache } from 'tilewise';
import type { ModelConfig } from './config.ts';
import type { WeightSpec } from './weights.ts';

type F32 = Tensor<'f32'>;

/** Where the tokens of a step stand. */
export interface Place {
  /** Of the first token. */
  readonly positions: readonly number[] | Tensor<'u32'>;
  /** Keys that the cache holds, those of the step among them. */
  readonly lengths: readonly number[] | Tensor<'u32'>;
}

/** Queries and keys of a layer, turned by their positions: [1, tokens, heads, headDim]. */
export type Observe = (layer: number, q: F32, k: F32) => void;

/** What the two kinds of models differ in. All tensors of tokens are [tokens, dim]. */
export interface Architecture {
  readonly config: ModelConfig;
  /** The rows that a step begins with, for tokens from a position on. */
  embed(tokens: readonly number[], position: number): Float32Array;
  /** One layer. Returns a new tensor. */
  layer(index: number, x: F32, cache: KeyValueCache, place: Place, observe?: Observe): F32;
  /** The logits [1, vocabulary] of the token behind the last row. */
  logits(x: F32): F32;
}

/** A weight by its name in the file. */
export function spec(name: string, ...shape: readonly number[]): WeightSpec {
  return { name, shape };
}
