/**
 * For each row a token, drawn with probability proportional to `exp(logit / temperature)`: of those at least `minP` times as
 * likely as the likeliest, and of these, in the order given, of the first that together have `topP`.
 */
export interface SampleProblem {
  readonly dtype: 'f32' | 'f16';
  readonly rows: number;
  /** Candidates of each row. */
  readonly length: number;
  /** Whether a second input says which token each candidate is; otherwise it is its position. */
  readonly chosen: boolean;
  /** 1 / temperature, a number of f32. */
  readonly scale: number;
  /** A number of f32. */
  readonly minP: number;
  /** A number of f32; below 1 the candidates of a row must be in descending order. */
  readonly topP: number;
  /** An integer of 53 bits. */
  readonly seed: number;
  /** An integer of 32 bits: the same seed gives other tokens at each step. */
  readonly step: number;
}

/** The seed in two words. */
export function seedWords(seed: number): readonly [low: number, high: number] {
  return [seed % 2 ** 32, Math.floor(seed / 2 ** 32)];
}
