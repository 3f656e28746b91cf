import { binsPerUnit, type HistogramProblem } from './histogram.ts';

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
