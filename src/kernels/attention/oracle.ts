import { outputRows, type AttentionProblem, type QueryRow } from '../../reference/attention.ts';
import {
  queryRows,
  attentionReference,
  attentionRow,
  attentionScore,
  keyRows,
  namedOperands,
  type AttentionOperands,
  type AttentionResult,
  type AttentionRow,
} from '../../reference/attentionReference.ts';
import type { Oracle } from '../define.ts';
import { roundingUnit, smallestNormal } from '../rounding.ts';

/** Keys that are added to a row before its maximum is looked at again, at least, in every kernel and config. */
const MIN_TILE_KV = 8;

export const attentionOracle: Oracle<AttentionProblem> = {
  reference: (problem, inputs) => attentionReference(problem, inputs),
  errorBound: (problem, inputs, expected) =>
    attentionErrorBound(problem, namedOperands(problem, inputs), expected),
};

/**
 * How far o and logSumExp of one query may be from `expected`, its row of o.
 *
 * To first order in u = 2^-24, with n keys and D = headDim, scores t in units of log2(e) and their maximum m:
 *
 * - A score is a sum of D products in f32, off by at most (D + 2) u |scale| log2(e) sum |q||k| (Higham, Accuracy and
 *   Stability of Numerical Algorithms, 2nd ed., section 3.1; one u for the factor of a quantised key), and 2u |t| for the rounded factor and its product. A cap
 *   adds 6u of the score (its quotient), and 20u of the cap for the exponential and the quotient that make the
 *   hyperbolic tangent, whose slope is at most 1. A bias and a mask add 4u of themselves and of the score.
 * - A weight 2^(t - m) comes about in steps: the first 2^(t - m') and a correction 2^(m' - m'') each time the maximum
 *   grows, at most once a tile. The exponents add up to t - m. Each difference is rounded (u of it), each exp2 may be
 *   off by 3 + 2|x| units in the last place (WGSL, section 15.7.4.1), of 2u each, and each correction is a product (u).
 * - So a weight p may be off by a factor of e^l, l = ln 2 * error of t + log(1 + error of the steps), and by p (e^l - 1). The changes
 *   c of all weights move the result by at most sum c (|v| + |o|) / (1 - sum c), since they are in its denominator too.
 * - Both sums, of n weights and of n weighted values, are off by (n + 2) u of their terms; the reciprocal of the sum by 2.5 units
 *   in the last place, its product by u; and the result is rounded to its type.
 * - For operands in half precision the weights may be rounded to it too before they meet the values, as tensor cores want
 *   them: by 2^-11 of themselves, or 2^-24 of the largest. These roundings are independent, so that together they stay
 *   within 6 times the square root of the sum of squares (`likelySummationError`).
 *
 * A result is a mean of values, so no error of the weights takes it further than twice the largest. Weights too small
 * for f32 vanish: at most 2^-126 of a value each. logSumExp moves by the errors of the weights and of their sum; log2 may be off by
 * 2^-21, or 3 units in the last place.
 */
export function rowErrorBound(
  problem: AttentionProblem,
  operands: AttentionOperands,
  place: QueryRow,
  expected: ArrayLike<number>,
): AttentionResult {
  const { headDimV, dtype } = problem;
  const u = roundingUnit('f32');
  const unit = roundingUnit(dtype);
  const row = attentionRow(problem, operands, place);
  const keys = keyRows(problem, operands, place);
  const { first, scores, probabilities } = row;
  const count = scores.length;
  const { changes, sum: weightError, ofLogSum } = weightChanges(problem, operands, place, row);
  const likeliest = probabilities.reduce((most, p) => Math.max(most, p), row.sinkProbability);
  const valuesAt = Array.from({ length: count }, (_, j) => keys.v(first + j));
  const bounds = new Float64Array(headDimV);
  for (let d = 0; d < headDimV; d++) {
    const result = Math.abs(expected[d]!);
    let magnitude = 0;
    let moved = weightError * result;
    let largest = 0;
    let squares = 0;
    for (let j = 0; j < count; j++) {
      if (scores[j] === -Infinity) continue;
      const value = Math.abs(operands.v[valuesAt[j]! + d]!);
      magnitude += probabilities[j]! * value;
      moved += changes[j]! * value;
      largest = Math.max(largest, value);
      squares += ((probabilities[j]! + 2 ** -13 * likeliest) * value) ** 2;
    }
    const byWeights = weightError < 1 ? Math.min(moved / (1 - weightError), 2 * largest) : 2 * largest;
    const byHalves = dtype === 'f16' ? 6 * unit * Math.sqrt(squares) : 0;
    const bySums = (count + 2) * u * (magnitude + result) + 6 * u * result;
    const error = byWeights + byHalves + bySums + count * smallestNormal('f32') * largest;
    bounds[d] = error + unit * (result + error);
  }
  const size = Number.isFinite(row.logSumExp) ? Math.abs(row.logSumExp) : 0;
  return {
    o: bounds,
    logSumExp: ofLogSum + (count + 1) * u + 2 ** -21 + 8 * u * (size + Math.log1p(count)) + 4 * u * size,
  };
}

function attentionErrorBound(
  problem: AttentionProblem,
  operands: AttentionOperands,
  [o]: readonly Float64Array[],
): readonly Float64Array[] {
  const bounds = new Float64Array(o!.length);
  const lseBounds = new Float64Array(outputRows(problem));
  for (const place of queryRows(problem, operands)) {
    const expected = o!.subarray(place.o, place.o + problem.headDimV);
    const bound = rowErrorBound(problem, operands, place, expected);
    bounds.set(bound.o, place.o);
    lseBounds[place.lse] = bound.logSumExp;
  }
  return problem.logSumExp ? [bounds, lseBounds] : [bounds];
}

/** Logarithms of the factors by which the weights of a row may be off, and at the end of that for the sink's. */
function logWeightErrors(
  problem: AttentionProblem,
  operands: AttentionOperands,
  place: QueryRow,
  { first, scores }: AttentionRow,
): Float64Array {
  const { headDim, scale, softcap } = problem;
  const u = roundingUnit('f32');
  const sink = operands.sinks?.[place.head];
  let maximum = sink ?? -Infinity;
  for (const score of scores) maximum = Math.max(maximum, score);
  // The last three: parts of the keys are summed on their own and merged, in a workgroup and among workgroups; and the sink.
  const steps = 1 + Math.ceil(scores.length / MIN_TILE_KV) + 3;
  const logError = (score: number, scoreError: number): number => {
    const distance = Math.LOG2E * (maximum - score);
    const exponentError = Math.LOG2E * scoreError + u * distance;
    const stepsError = 2 * u * (3 * steps + 2 * distance) + u * steps;
    return Math.LN2 * exponentError + Math.log1p(stepsError);
  };
  const keys = keyRows(problem, operands, place);
  const errors = new Float64Array(scores.length + 1);
  for (let j = 0; j < scores.length; j++) {
    if (scores[j] === -Infinity) continue;
    const keyAt = keys.k(first + j);
    let magnitude = 0;
    for (let d = 0; d < headDim; d++)
      magnitude += Math.abs(operands.q[place.q + d]! * operands.k[keyAt + d]!);
    const { scaled, bias, mask } = attentionScore(problem, operands, place, first + j, keyAt);
    const byProduct = (headDim + 2) * u * Math.abs(scale) * magnitude + 2 * u * Math.abs(scaled);
    const byCap = softcap === undefined ? 0 : 20 * u * softcap + 6 * u * Math.abs(scaled);
    const added = Math.abs(bias) + Math.abs(mask);
    const byAdding = added === 0 ? 0 : 4 * u * (added + Math.abs(scores[j]!));
    errors[j] = logError(scores[j]!, byProduct + byCap + byAdding);
  }
  if (sink !== undefined && sink !== -Infinity)
    errors[scores.length] = logError(sink, 2 * u * Math.abs(sink));
  return errors;
}

/** Logarithm of a factor that makes anything of a weight: a finite one, so that a value of 0 makes 0 of it. */
const ANYTHING = 300;

/**
 * By how much a weight p of a row may be off that is wrong by a factor of which `logError` is the logarithm. Where a score is nothing
 * but rounding, p may be too small for a number, and its logarithm is one.
 */
export const weightChange = (p: number, logP: number, logError: number): number =>
  logError < ANYTHING ? p * Math.expm1(logError) : Math.exp(Math.min(logP + logError, ANYTHING));

/** What becomes of the weights of a row. */
interface WeightChanges {
  readonly logErrors: Float64Array;
  /** By how much each weight may be off. */
  readonly changes: Float64Array;
  /** By how much all of them, and the sink's. */
  readonly sum: number;
  /** By how much the logarithm of their sum. */
  readonly ofLogSum: number;
}

export function weightChanges(
  problem: AttentionProblem,
  operands: AttentionOperands,
  place: QueryRow,
  row: AttentionRow,
): WeightChanges {
  const { scores, probabilities, logSumExp, sinkProbability } = row;
  const logErrors = logWeightErrors(problem, operands, place, row);
  const ofSink = logErrors[scores.length]!;
  const changes = probabilities.map((p, j) => weightChange(p, scores[j]! - logSumExp, logErrors[j]!));
  const sum = changes.reduce(
    (total, change) => total + change,
    weightChange(sinkProbability, Math.log(sinkProbability), ofSink),
  );
  // Beyond numbers, the largest logarithm of all; and no weight that is as large as the mean is smaller than one in so many.
  const beyond = scores.reduce((most, score, j) => Math.max(most, score - logSumExp + logErrors[j]!), ofSink);
  const ofLogSum = beyond < ANYTHING / 2 ? Math.log1p(sum) : beyond + 2 * Math.log(scores.length + 2);
  return { logErrors, changes, sum, ofLogSum };
}
