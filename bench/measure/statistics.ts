import {
  binomialDistribution,
  median,
  permutationTest,
  quantileRankSorted,
  quantileSorted,
  sampleWithReplacement,
} from 'simple-statistics';
import { Random } from './random.ts';

/** A median and how well it is known. */
export interface Interval {
  readonly median: number;
  /** Ends of an interval that holds the true median with a probability of at least 95 %, given enough samples. */
  readonly low: number;
  readonly high: number;
  /** Number of samples. */
  readonly n: number;
}

/** A median with the samples that it is of, in the order in which they were taken. */
export interface Estimate extends Interval {
  readonly samples: readonly number[];
}

const CONFIDENCE = 0.95;

/**
 * The median of samples with its distribution-free interval: the r-th smallest and r-th largest sample, r as large as
 * the binomial distribution allows at 95 % (Conover, Practical Nonparametric Statistics, 3rd ed., section 3.2). It
 * assumes nothing of how times are distributed, and they are skewed. Below 6 samples no pair of samples reaches 95 %;
 * the interval is then all that was seen.
 *
 * @throws RangeError without samples
 */
export function estimateMedian(samples: readonly number[]): Estimate {
  if (samples.length === 0) throw new RangeError('a median needs at least one sample');
  const sorted = samples.toSorted((a, b) => a - b);
  const n = sorted.length;
  const rank = intervalRank(n);
  return {
    median: median(sorted),
    low: sorted[rank - 1]!,
    high: sorted[n - rank]!,
    n,
    samples: [...samples],
  };
}

/** The largest r for which the true median lies outside of the r-th smallest and r-th largest of n samples in 5 % at most. */
function intervalRank(n: number): number {
  const probabilities = binomialDistribution(n, 0.5) ?? [];
  let below = 0;
  let rank = 0;
  while (rank < n / 2) {
    below += probabilities[rank] ?? 0;
    if (2 * below > 1 - CONFIDENCE) break;
    rank++;
  }
  return Math.max(1, rank);
}

/** Maps an estimate of a time to one of a rate, or of one unit to another; order may turn around. */
export function mapEstimate(estimate: Estimate, f: (value: number) => number): Estimate {
  const [a, b] = [f(estimate.low), f(estimate.high)];
  return {
    median: f(estimate.median),
    low: Math.min(a, b),
    high: Math.max(a, b),
    n: estimate.n,
    samples: estimate.samples.map(f),
  };
}

const RESAMPLES = 2000;

/**
 * The ratio of two medians, of times that were taken in turns, and its interval by the bootstrap: rounds are drawn with
 * replacement, both times of a round together, so that whatever slowed a round down hits both; the interval holds the
 * middle 95 % of the ratios (Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13). With fewer than about
 * ten rounds it is too narrow.
 *
 * @param numerator times, one of each round
 * @param denominator times of the same rounds
 * @throws RangeError unless there are as many of both, and at least one
 */
export function ratioOfMedians(numerator: readonly number[], denominator: readonly number[]): Interval {
  const n = numerator.length;
  if (n === 0 || n !== denominator.length) {
    throw new RangeError(
      `a ratio needs as many times of both, at least one, got ${n} and ${denominator.length}`,
    );
  }
  const rounds = numerator.map((_, round) => round);
  const ratioIn = (chosen: readonly number[]): number =>
    median(chosen.map((round) => numerator[round]!)) / median(chosen.map((round) => denominator[round]!));
  return bootstrap(ratioIn(rounds), n, (draw) => ratioIn(draw(rounds)));
}

/**
 * The ratio of two medians of samples that have nothing to do with each other, and its interval by the bootstrap, as that
 * of `ratioOfMedians` but with each side drawn by itself.
 *
 * @throws RangeError unless there are samples of both
 */
export function ratioOfSeparateMedians(
  numerator: readonly number[],
  denominator: readonly number[],
): Interval {
  const n = Math.min(numerator.length, denominator.length);
  if (n === 0) throw new RangeError('a ratio needs samples of both');
  return bootstrap(
    median([...numerator]) / median([...denominator]),
    n,
    (draw) => median(draw(numerator)) / median(draw(denominator)),
  );
}

type Draw = (from: readonly number[]) => number[];

function bootstrap(value: number, n: number, again: (draw: Draw) => number): Interval {
  const random = seededRandom(n);
  const draw: Draw = (from) => sampleWithReplacement([...from], from.length, random);
  const values = Array.from({ length: RESAMPLES }, () => again(draw)).sort((a, b) => a - b);
  const tail = (1 - CONFIDENCE) / 2;
  return { median: value, low: quantileSorted(values, tail), high: quantileSorted(values, 1 - tail), n };
}

function seededRandom(seed: number): () => number {
  const random = new Random(seed);
  return () => random.fraction();
}

const PERMUTATIONS = 10_000;

/**
 * The probability of samples that differ at least as much as these where both come from one distribution: a permutation
 * test of the ranks' means, which a few slow outliers do not sway (Wilcoxon's rank sum, with its distribution by permutation).
 * At least 1 / 10001, as no permutation is as good as none among ten thousand (Phipson and Smyth 2010).
 *
 * @throws RangeError unless there are samples of both
 */
export function differenceProbability(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) throw new RangeError('a test needs samples of both');
  const pooled = [...a, ...b].sort((x, y) => x - y);
  // Twice a rank is whole, ties included: sums of them are exact, and equal sums compare as equal.
  const rank = (value: number): number => Math.round(2 * pooled.length * quantileRankSorted(pooled, value));
  const share = permutationTest(a.map(rank), b.map(rank), 'two_side', PERMUTATIONS, seededRandom(1));
  return (share * PERMUTATIONS + 1) / (PERMUTATIONS + 1);
}

/**
 * The least that `differenceProbability` can come to with so many samples of both: none of one side lies among those of the
 * other, which two of all divisions of the samples do.
 */
export function leastDifferenceProbability(a: number, b: number): number {
  const smaller = Math.min(a, b);
  // The number of divisions, a + b over a; its terms are taken in an order in which they stay small.
  let divisions = 1;
  for (let i = 1; i <= smaller; i++) divisions *= (a + b - smaller + i) / i;
  return Math.max(2 / divisions, 1 / (PERMUTATIONS + 1));
}

/**
 * Probabilities adjusted for their number after Holm (A simple sequentially rejective multiple test procedure, 1979): whoever
 * takes those below 5 % for differences is wrong about any one of them in 5 % of all cases at most.
 *
 * @returns in the order given
 */
export function adjustForCount(probabilities: readonly number[]): number[] {
  const order = probabilities.map((_, index) => index).sort((a, b) => probabilities[a]! - probabilities[b]!);
  const adjusted = [...probabilities];
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, probabilities[index]! * (order.length - rank)));
    adjusted[index] = largest;
  });
  return adjusted;
}

/**
 * How large errors are beside the numbers that they are of: the root of their mean square divided by that of the numbers.
 * NaN if one of them is.
 */
export function relativeSize(errors: ArrayLike<number>, of: ArrayLike<number>): number {
  let errorSquares = 0;
  let squares = 0;
  for (let index = 0; index < of.length; index++) {
    errorSquares += errors[index]! ** 2;
    squares += of[index]! ** 2;
  }
  return errorSquares === 0 ? 0 : Math.sqrt(errorSquares / squares);
}
