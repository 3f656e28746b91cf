import { philox } from './philox.ts';

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

/** What a row without a distribution gives: its largest logit is NaN or infinite. */
const NO_TOKEN = 2 ** 32 - 1;

/** The seed in two words. */
export function seedWords(seed: number): readonly [low: number, high: number] {
  return [seed % 2 ** 32, Math.floor(seed / 2 ** 32)];
}

/** The random number of a row, from 0 to 1 without 1, in 24 bits. */
export function uniformOf({ seed, step }: SampleProblem, row: number): number {
  return (philox([row, step, 0, 0], seedWords(seed))[0] >>> 8) * 2 ** -24;
}

/** A row's distribution, up to the point where it is cut. */
export interface Distribution {
  /** Running sums of the candidates' weights, relative to the likeliest. */
  readonly sums: Float64Array;
  /** The sum of those that are kept. */
  readonly kept: number;
  /** How far the weight closest to minP is from it, but for the likeliest, whose weight is 1. */
  readonly closeToMinP: number;
}

/** The distribution of a row, or undefined where it has none. */
export function distributionOf(
  { scale, minP, topP }: SampleProblem,
  logits: Float64Array,
): Distribution | undefined {
  let largest = -Infinity;
  for (const logit of logits) largest = Math.max(largest, logit);
  if (!Number.isFinite(largest)) return undefined;
  let total = 0;
  let closeToMinP = Infinity;
  const sums = logits.map((logit) => {
    const weight = Math.exp((logit - largest) * scale);
    if (logit !== largest) closeToMinP = Math.min(closeToMinP, Math.abs(weight - minP));
    return (total += weight >= minP ? weight : 0);
  });
  const kept = topP < 1 ? sums.find((sum) => sum >= topP * total)! : total;
  return { sums, kept, closeToMinP };
}

/** The definition of sampling. */
export function sampleReference(
  problem: SampleProblem,
  [logits, chosen]: readonly Float64Array[],
): Float64Array {
  const { rows, length } = problem;
  return Float64Array.from({ length: rows }, (_, row) => {
    const distribution = distributionOf(problem, logits!.subarray(row * length, (row + 1) * length));
    if (!distribution) return NO_TOKEN;
    const goal = uniformOf(problem, row) * distribution.kept;
    const drawn = distribution.sums.findIndex((sum) => sum > goal);
    return chosen ? chosen[row * length + drawn]! : drawn;
  });
}
