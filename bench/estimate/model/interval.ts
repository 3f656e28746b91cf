/** A figure with its 10th and 90th percentile. */
export interface Percentiles {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** How far off the model is for a kind of work on an accelerator that it was not fitted on. */
export interface Spread {
  /** Root mean square of ln(predicted / measured), each accelerator predicted from the others. */
  readonly sigma: number;
  readonly accelerators: number;
  readonly points: number;
}

/** 90th percentile of the normal distribution. */
const NORMAL_90 = 1.2816;

/**
 * ln of the ratio between the 90th percentile and the median: a new accelerator varies by the spread, and the middle that it is
 * predicted from, found on n others, by spread / sqrt(n) more.
 */
export function reachOf({ sigma, accelerators }: Spread): number {
  return NORMAL_90 * sigma * Math.sqrt(1 + 1 / accelerators);
}

/** The percentiles of a rate around its median. */
export function rateInterval(median: number, spread: Spread): Percentiles {
  const factor = Math.exp(reachOf(spread));
  return { low: median / factor, median, high: median * factor };
}
