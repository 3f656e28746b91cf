import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { binomialDistribution, median, quantileSorted, sampleWithReplacement } from 'simple-statistics';

/** A median and how well it is known. */
export interface Estimate {
  readonly median: number;
  /** Ends of an interval that holds the true median with a probability of at least 95 %, given enough samples. */
  readonly low: number;
  readonly high: number;
  /** Number of samples. */
  readonly n: number;
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
  return { median: median(sorted), low: sorted[rank - 1]!, high: sorted[n - rank]!, n };
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
  return { median: f(estimate.median), low: Math.min(a, b), high: Math.max(a, b), n: estimate.n };
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
export function ratioOfMedians(numerator: readonly number[], denominator: readonly number[]): Estimate {
  const n = numerator.length;
  if (n === 0 || n !== denominator.length) {
    throw new RangeError(
      `a ratio needs as many times of both, at least one, got ${n} and ${denominator.length}`,
    );
  }
  const rounds = numerator.map((_, round) => round);
  const random = xoroshiro128plus(n);
  const ratioIn = (chosen: readonly number[]): number =>
    median(chosen.map((round) => numerator[round]!)) / median(chosen.map((round) => denominator[round]!));
  const ratios = Array.from({ length: RESAMPLES }, () =>
    ratioIn(sampleWithReplacement(rounds, n, () => uniformFloat64(random))),
  ).sort((a, b) => a - b);
  const tail = (1 - CONFIDENCE) / 2;
  return {
    median: ratioIn(rounds),
    low: quantileSorted(ratios, tail),
    high: quantileSorted(ratios, 1 - tail),
    n,
  };
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
