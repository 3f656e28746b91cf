import type { ArithmeticType } from './arithmetic.ts';

/** `y[b]` = the number of elements of x in bin b. */
export interface HistogramProblem {
  readonly dtype: ArithmeticType;
  /** Elements of x. */
  readonly length: number;
  readonly bins: number;
  /** From the lower edge of the first bin to the upper edge of the last, in f32; for floats alone. Integers are bins themselves. */
  readonly range?: readonly [low: number, high: number] | undefined;
}

/** Bins by the range's width, in f32. */
export function binsPerUnit({ bins, range = [0, 1] }: HistogramProblem): number {
  return Math.fround(bins / (range[1] - range[0]));
}

/**
 * The bin of an element, or undefined where it has none. In a range the arithmetic is that of f32, so that every path puts
 * an element near the edge of two bins in the same one.
 */
function binOf(problem: HistogramProblem, x: number): number | undefined {
  const { bins, range } = problem;
  if (!range) return x >= 0 && x < bins ? x : undefined;
  const [low, high] = range;
  if (!(x >= low && x <= high)) return undefined;
  return Math.min(Math.floor(Math.fround(Math.fround(x - low) * binsPerUnit(problem))), bins - 1);
}

/** The definition of histograms. Elements outside of all bins are not counted. */
export function histogramReference(problem: HistogramProblem, x: Float64Array): Float64Array {
  const y = new Float64Array(problem.bins);
  for (const value of x) {
    const bin = binOf(problem, value);
    if (bin !== undefined) y[bin]!++;
  }
  return y;
}
