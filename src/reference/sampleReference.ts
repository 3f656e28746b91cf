import { philox } from './philox.ts';
import { seedWords, type SampleProblem } from './sample.ts';

/** What a row without a distribution gives: its largest logit is NaN or infinite. */
const NO_TOKEN = 2 ** 32 - 1;

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
