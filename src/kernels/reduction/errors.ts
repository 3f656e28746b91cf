import { gridSize } from '../../reference/grids.ts';
import { reductionDivisor, type ReductionProblem } from '../../reference/reduction.ts';
import { logError, longestChain, productError, reachOf, roundingUnit } from '../rounding.ts';

/** How far a result may be off in f32, given its elements. */
type ResultError = (elements: Float64Array) => number;

const u = roundingUnit('f32');

/** WGSL, section 15.7.4.1: 2.5 units in the last place, each twice the rounding unit. */
const DIVISION = 5 * u;
/** The same section: 1 / inverseSqrt(x), 2 units in the last place and a division's. */
const SQUARE_ROOT = 9 * u;

const total = (elements: Float64Array, of: (value: number) => number): number =>
  elements.reduce((sum, value) => sum + of(value), 0);

const product = (elements: Float64Array, of: (value: number) => number): number =>
  elements.reduce((factor, value) => factor * of(value), 1);

/**
 * Errors of each result of a kind, to first order. An element takes part in `longestChain` = h operations at most, one after
 * the other, in every kernel.
 *
 * - Sums are off by h u sum |x| (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 4.2), and by one more u
 *   where squares were rounded before.
 * - Products as `productError` has them, whatever the order.
 * - Extremes are elements: exact. So is what a caller's own operator makes, as far as anything can be said of it: only operators that
 *   round nothing can be checked.
 */
export function resultErrors(problem: ReductionProblem): readonly ResultError[] {
  // The reference rounds as kernels do, and only once.
  if (problem.reproducible) return [() => 0];
  const count = gridSize(problem.reducedDims);
  const h = longestChain(count);
  const sum: ResultError = (x) => h * u * total(x, Math.abs);
  const squares = (x: Float64Array): number => total(x, (value) => value * value);
  switch (problem.kind) {
    case 'sum':
    case 'l1Norm':
      return [sum];
    case 'mean':
      return [(x) => (sum(x) + DIVISION * Math.abs(total(x, Number))) / count];
    case 'prod':
      return [(x) => productError(count, product(x, Number), product(x, reachOf))];
    case 'sumSquare':
      return [(x) => (h + 1) * u * squares(x)];
    case 'l2Norm':
      // The root halves relative errors.
      return [(x) => (((h + 1) * u) / 2 + SQUARE_ROOT) * Math.sqrt(squares(x))];
    case 'logSum':
      return [(x) => logError(total(x, Number), sum(x))];
    case 'logSumExp':
      return [(x) => logSumExpError(x, h)];
    case 'variance':
      return [(x) => varianceError(problem, x, h)];
    case 'std':
      return [(x) => deviationError(problem, x, h)];
    case 'moments':
      return [(x) => meanError(x, h), (x) => varianceError(problem, x, h)];
    default:
      return [() => 0];
  }
}

/**
 * Weights exp(x - max) are off as they are in a softmax, whose contract has the derivation: (7 h + 12 + 10 d) u of themselves,
 * d their distance from the largest. The sum's relative error is their mean, weighted by themselves.
 */
function logSumExpError(x: Float64Array, h: number): number {
  const largest = x.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!Number.isFinite(largest)) return 0;
  const weights = x.map((value) => Math.exp(value - largest));
  const sum = total(weights, Number);
  const error = weights.reduce(
    (sum, weight, i) => (weight === 0 ? sum : sum + weight * (7 * h + 12 + 10 * (largest - x[i]!)) * u),
    0,
  );
  return logError(sum, error) + u * Math.abs(largest + Math.log(sum));
}

/** Each combination moves the mean by a difference of means, at most 2 max |x|, times a quotient: 7 u of that, and u of the sum. */
function meanError(x: Float64Array, h: number): number {
  return 15 * h * u * x.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}

/**
 * The terms m of the sum of squared distances are not negative, so rounding makes a relative error of (h + 12) u. Each combination
 * adds d^2 w with w = n_a n_b / (n_a + n_b), and its d is off by the errors e of two means: 2 d e w, all together at most
 * 2 e sqrt(m W), W the sum of all w (Cauchy and Schwarz). As w is at most the smaller of n_a and n_b, an element counts in W
 * log2(n) times at most.
 */
function varianceError(problem: ReductionProblem, x: Float64Array, h: number): number {
  const mean = total(x, Number) / x.length;
  const squares = total(x, (value) => (value - mean) ** 2);
  const means = 2 * meanError(x, h);
  const weights = x.length * Math.log2(Math.max(2, x.length));
  const error = (h + 12) * u * squares + 2 * means * Math.sqrt(squares * weights) + means * means * weights;
  return error / reductionDivisor(problem) + DIVISION * (squares / reductionDivisor(problem));
}

function deviationError(problem: ReductionProblem, x: Float64Array, h: number): number {
  const mean = total(x, Number) / x.length;
  const variance = total(x, (value) => (value - mean) ** 2) / reductionDivisor(problem);
  const error = varianceError(problem, x, h);
  return (
    Math.sqrt(variance + error) - Math.sqrt(Math.max(0, variance - error)) + SQUARE_ROOT * Math.sqrt(variance)
  );
}
