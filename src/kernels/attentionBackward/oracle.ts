import { queryRows, attentionScore, keyRows } from '../../reference/attentionReference.ts';
import {
  attentionBackwardReference,
  backwardOperands,
  backwardRow,
  capSlope,
  type BackwardProblem,
} from '../../reference/attentionBackward.ts';
import { weightChange, weightChanges } from '../attention/oracle.ts';
import type { Oracle } from '../define.ts';
import { roundingUnit } from '../rounding.ts';

export const attentionBackwardOracle: Oracle<BackwardProblem> = {
  reference: attentionBackwardReference,
  errorBound: (problem, inputs, expected) => backwardErrorBound(problem, inputs, expected),
};

/**
 * To first order in u = 2^-24, with the changes of weights that attention's own bound has (`weightChanges`): a weight
 * p = 2^(s - logSumExp) is off by its own, and by the error of logSumExp, which is all changes of the row and (n + 2) u; but it
 * stays between 0 and 1. A product w = dO . v of F elements is off by (F + 2) u sum |dO||v|; the row's mean D of them by the
 * mean of these, by the change of p times |w|, and (n + 2) u of its terms. So dS = slope p (w - D) is off by p, changed, times the
 * errors of w and D, by the change of p times |w - D|, by that of the slope, twice the error of the tangent, and 8 u of itself. A
 * gradient is a sum of m such terms times an element, off by the errors of its terms and (m + 2) u of their magnitudes, and
 * rounded to its type.
 *
 * For operands in half precision p and dS may be rounded to it too before they meet the operands, as tensor cores want them: by
 * 2^-11 of themselves, and by 2^-25, or for dS 2^-32 of the largest dS, whose exponent the others share. As in attention's
 * bound these roundings are independent, and stay within 6 times the square root of the sum of squares.
 *
 * Where the forward pass's results are given, p is off by the errors of its exponent and of exp2 instead, however far, and D, a sum of F
 * products, by (F + 2) u of their magnitudes.
 */
function backwardErrorBound(
  problem: BackwardProblem,
  inputs: readonly Float64Array[],
  expected: readonly Float64Array[],
): readonly Float64Array[] {
  const { operands, dO, forward } = backwardOperands(problem, inputs);
  const { headDim, headDimV, scale, softcap, seqLenQ, seqLenKv, heads, kvHeads } = problem;
  const { q, k, v } = operands;
  const u = roundingUnit('f32');
  const errors = expected.map(({ length }) => new Float64Array(length));
  const [dq, dk, dv] = errors as [Float64Array, Float64Array, Float64Array];
  const squares = expected.map(({ length }) => new Float64Array(length));
  const [dqSquares, dkSquares, dvSquares] = squares as [Float64Array, Float64Array, Float64Array];
  // Sums of magnitudes that the largest dS is multiplied by.
  const reached = expected.map(({ length }) => new Float64Array(length));
  const [dqReached, dkReached] = reached as [Float64Array, Float64Array];
  let largest = 0;
  const termsOfKey = (seqLenQ * heads) / kvHeads;
  for (const row of queryRows(problem, operands)) {
    const rows = keyRows(problem, operands, row);
    const found = backwardRow(problem, operands, forward, row);
    const { first, scores, probabilities } = found;
    const { logErrors, sum } = weightChanges(problem, operands, row, found);
    const count = scores.length;
    const sumError = sum + (count + 2) * u;
    const ofForward = (score: number): number =>
      8 * u * (1 + Math.LOG2E * (Math.abs(score) + Math.abs(found.logSumExp)));
    const changes = probabilities.map((p, j) => {
      const score = scores[j]!;
      if (score === -Infinity) return 0;
      const others = forward ? ofForward(score) : Math.log1p(2 * sumError);
      const change = weightChange(p, score - found.logSumExp, logErrors[j]! + others) + 8 * u * p;
      // A sum that is half of rounding may be next to nothing.
      return forward ? change : sumError < 0.5 ? Math.min(change, 1) : 1;
    });
    const products = new Float64Array(count);
    const productErrors = new Float64Array(count);
    let mean = 0;
    let meanError = 0;
    if (forward) {
      for (let d = 0; d < headDimV; d++) {
        const term = dO[row.o + d]! * forward.o[row.o + d]!;
        mean += term;
        meanError += (headDimV + 2) * u * Math.abs(term);
      }
    }
    for (let j = 0; j < count; j++) {
      if (scores[j] === -Infinity) continue;
      let magnitude = 0;
      for (let d = 0; d < headDimV; d++) {
        const term = dO[row.o + d]! * v[rows.v(first + j) + d]!;
        products[j]! += term;
        magnitude += Math.abs(term);
      }
      productErrors[j] = (headDimV + 2) * u * magnitude;
      if (forward) continue;
      mean += probabilities[j]! * products[j]!;
      meanError +=
        probabilities[j]! * (productErrors[j]! + (count + 2) * u * Math.abs(products[j]!)) +
        changes[j]! * Math.abs(products[j]!);
    }
    for (let j = 0; j < count; j++) {
      if (scores[j] === -Infinity) continue;
      const [keyAt, valueAt] = [rows.k(first + j), rows.v(first + j)];
      const { scaled } = attentionScore(problem, operands, row, first + j, keyAt);
      const slope = capSlope(problem, scaled);
      const slopeError = softcap === undefined ? 0 : Math.min(1, 48 * u + (2 * logErrors[j]!) / softcap);
      const p = probabilities[j]!;
      const difference = Math.abs(products[j]! - mean);
      const dScore = scale * slope * p * (products[j]! - mean);
      const error =
        Math.abs(scale) *
          (slope * ((p + changes[j]!) * (productErrors[j]! + meanError) + changes[j]! * difference) +
            p * slopeError * difference) +
        8 * u * Math.abs(dScore);
      largest = Math.max(largest, Math.abs(dScore));
      for (let d = 0; d < headDim; d++) {
        const [key, query] = [Math.abs(k[keyAt + d]!), Math.abs(q[row.q + d]!)];
        dqSquares[row.q + d]! += (dScore * key) ** 2;
        dkSquares[keyAt + d]! += (dScore * query) ** 2;
        dqReached[row.q + d]! += key;
        dkReached[keyAt + d]! += query;
        dq[row.q + d]! += (error + (count + 2) * u * Math.abs(dScore)) * key;
        dk[keyAt + d]! += (error + (termsOfKey + 2) * u * Math.abs(dScore)) * query;
      }
      for (let d = 0; d < headDimV; d++) {
        const change = Math.abs(dO[row.o + d]!);
        dv[valueAt + d]! += (changes[j]! + p * (termsOfKey + 2) * u) * change;
        dvSquares[valueAt + d]! += ((p + 2 ** -14) * change) ** 2;
      }
    }
  }
  const unit = roundingUnit(problem.dtype);
  // Keys in all, for products that vanish since they are too small for f32.
  const vanishing = (seqLenKv + termsOfKey) * 2 ** -120;
  for (const [index, bounds] of errors.entries()) {
    const [ofSquares, ofLargest] = [squares[index]!, reached[index]!];
    for (let i = 0; i < bounds.length; i++) {
      const byHalves =
        problem.dtype === 'f16'
          ? 6 * unit * Math.sqrt(ofSquares[i]!) + 2 ** -32 * largest * ofLargest[i]!
          : 0;
      bounds[i] = (bounds[i]! + byHalves) * (1 + unit) + unit * Math.abs(expected[index]![i]!) + vanishing;
    }
  }
  return errors;
}
