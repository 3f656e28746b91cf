import { softmaxReference, type SoftmaxProblem } from '../../reference/softmax.ts';
import type { Oracle } from '../define.ts';
import { logError, longestChain, roundingUnit, smallestNormal } from '../rounding.ts';

export const softmaxOracle: Oracle<SoftmaxProblem> = {
  reference: (problem, [x]) => [softmaxReference(problem, x!)],
  /**
   * To first order, with u = 2^-24 and d = x - max: rounding d makes a relative error of |d| u in exp(d), and exp itself
   * may be off by 3 + 2 |d| units in the last place of 2 u, together (6 + 5 |d|) u. Kernels make the
   * weights relative to a maximum of their own first and scale them later, in at most `longestChain` steps whose |d| add up to
   * no more than the |d| of the element: (7 chain + 12 + 10 |d|) u with one rounding of product or sum a step. The sum's
   * relative error is the mean of its terms', weighted by themselves; a division adds 2.5 units in the last place. The logarithm of
   * a sum is off by that relative error and by its own (`logError`); differences of d and of that are rounded once each. A share that is
   * not 0 may be flushed: near the end of f64 its relative error alone would be rounded to 0.
   */
  errorBound(problem, [x], [expected]) {
    const { log, outer, length, inner, dtype } = problem;
    const u = roundingUnit('f32');
    const unit = roundingUnit(dtype);
    const steps = 7 * longestChain(length) + 12;
    const bound = new Float64Array(expected!.length);
    for (let o = 0; o < outer; o++) {
      for (let j = 0; j < inner; j++) {
        const start = o * length * inner + j;
        let largest = -Infinity;
        for (let i = 0; i < length; i++) largest = Math.max(largest, x![start + i * inner]!);
        // The share of an element at -infinity is exactly 0, whatever its distance.
        const shares = Float64Array.from({ length }, (_, i) => Math.exp(x![start + i * inner]! - largest));
        const sum = shares.reduce((total, share) => total + share, 0);
        const distance = (i: number): number => (shares[i] === 0 ? 0 : largest - x![start + i * inner]!);
        const weightedDistance = shares.reduce((total, share, i) => total + (share / sum) * distance(i), 0);
        const ofSum = (steps + 10 * weightedDistance) * u;
        for (let i = 0; i < length; i++) {
          const position = start + i * inner;
          const want = Math.abs(expected![position]!);
          const error = log
            ? logError(sum, ofSum * sum) + u * (Math.abs(x![position]! - largest) + want)
            : want * (ofSum + (steps + 10 * distance(i) + 5) * u) + (want > 0 ? smallestNormal('f32') : 0);
          bound[position] = error + unit * (want + error);
        }
      }
    }
    return [bound];
  },
};
