import { binomialDistribution, median } from 'simple-statistics';

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
