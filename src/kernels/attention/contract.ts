import {
  attentionReference,
  attentionRow,
  headsOf,
  visibleKeys,
  type AttentionProblem,
} from '../../reference/attention.ts';
import { input, output, type Binding } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import type { WgslExtension } from '../../wgsl/compose.ts';
import { bytesOf, ceilDiv, type Contract } from '../define.ts';
import { roundingUnit, smallestNormal } from '../rounding.ts';

/** params 0, q 1, k 2, v 3, o 4. */
export const attentionBindings: readonly Binding[] = [input(0), input(1), input(2), output(0)];

export function attentionExtensions(problem: Pick<AttentionProblem, 'dtype'>): readonly WgslExtension[] {
  return problem.dtype === 'f16' ? ['f16'] : [];
}

/** Sizes of heads that the fast kernels keep in registers; a larger head runs on the naive kernel. */
const MAX_FAST_HEAD_DIM = 256;

/** Why a kernel that reads rows in vectors of four cannot run a problem, or undefined if it can. */
export function whyNotInVectors({
  headDim,
  headDimV,
  seqLenKv,
}: Pick<AttentionProblem, 'headDim' | 'headDimV' | 'seqLenKv'>): string | undefined {
  const sizes = headDim === headDimV ? `${headDim}` : `${headDim} and ${headDimV}`;
  if (seqLenKv === 0) return 'there are no keys';
  if (Math.max(headDim, headDimV) > MAX_FAST_HEAD_DIM)
    return `registers have room for heads of at most ${MAX_FAST_HEAD_DIM} elements, these have ${sizes}`;
  if (headDim % 4 !== 0 || headDimV % 4 !== 0)
    return `rows are read four elements at a time, and heads of ${sizes} elements are no multiple of that`;
  return undefined;
}

/**
 * Vectors of four in a row that workgroup memory and registers have room for: rounded up, so that one shader serves
 * heads of neighbouring sizes, and to no more than what 8 lanes with a vector each make anyway.
 */
export const vectorCapacity = (dim: number): number => Math.max(16, ceilDiv(dim, 32) * 8);

/** Up to so many queries a head, reading the keys and values is what takes the time: generation, one token or a few. */
export const DECODE_QUERIES = 16;

/** Keys that are added to a row before its maximum is looked at again, at least, in every kernel and config. */
const MIN_TILE_KV = 8;

export const attentionContract: Contract<AttentionProblem> = {
  name: 'attention',
  inputs: ({ batch, heads, kvHeads, seqLenQ, seqLenKv, headDim, headDimV, dtype }) => [
    { shape: [batch, heads, seqLenQ, headDim], dtype },
    { shape: [batch, kvHeads, seqLenKv, headDim], dtype },
    { shape: [batch, kvHeads, seqLenKv, headDimV], dtype },
  ],
  outputs: ({ batch, heads, seqLenQ, headDimV, dtype }) => [
    { shape: [batch, heads, seqLenQ, headDimV], dtype },
  ],
  key: (p) =>
    `${p.batch},${p.heads},${p.kvHeads},${p.seqLenQ},${p.seqLenKv},${p.headDim},${p.headDimV},` +
    `${p.dtype},${p.scale},${p.causal}`,
  dtype: ({ dtype }) => dtype,
  shapeClass({ seqLenQ, seqLenKv, headDim }) {
    const phase = seqLenQ <= DECODE_QUERIES ? 'decode' : 'prefill';
    return `${phase}-${seqLenKv < 1024 ? 'short' : 'long'}-${headDim}`;
  },
  /** Both products, over the pairs of query and key that are not masked; softmax itself is not counted. */
  flops(problem) {
    let pairs = 0;
    for (let query = 0; query < problem.seqLenQ; query++) pairs += visibleKeys(problem, query);
    return 2 * problem.batch * problem.heads * pairs * (problem.headDim + problem.headDimV);
  },
  bytes: (problem) =>
    bytesOf([...attentionContract.inputs(problem), ...attentionContract.outputs(problem)], dtypeSizeBytes),
  reference: (problem, [q, k, v]) => [attentionReference(problem, q!, k!, v!)],
  errorBound: (problem, [q, k, v], [expected]) => [attentionErrorBound(problem, q!, k!, v!, expected!)],
};

/**
 * To first order in u = 2^-24, with n keys and D = headDim, scores t in units of log2(e) and their maximum m:
 *
 * - A score is a sum of D products in f32, off by at most (D + 1) u |scale| log2(e) sum |q||k| (Higham, Accuracy and
 *   Stability of Numerical Algorithms, 2nd ed., section 3.1), and 2u |t| for the rounded factor and its product.
 * - A weight 2^(t - m) comes about in steps: the first 2^(t - m') and a correction 2^(m' - m'') each time the maximum
 *   grows, at most once a tile. The exponents add up to t - m. Each difference is rounded (u of it), each exp2 may be
 *   off by 3 + 2|x| units in the last place (WGSL, section 15.7.4.1), of 2u each, and each correction is a product (u).
 * - So a weight p has a relative error of at most r(t) = e^(ln 2 * error of t) (1 + error of the steps) - 1. The errors of
 *   all weights move the result by at most sum p r (|v| + |o|) / (1 - sum p r), since they are in its denominator too.
 * - Both sums, of n weights and of n weighted values, are off by (n + 1) u of their terms; the reciprocal of the sum by 2.5 units
 *   in the last place, its product by u; and the result is rounded to its type.
 *
 * A result is a mean of values, so no error of the weights takes it further than twice the largest. Weights too small
 * for f32 vanish: at most 2^-126 of a value each.
 */
function attentionErrorBound(
  problem: AttentionProblem,
  q: Float64Array,
  k: Float64Array,
  v: Float64Array,
  expected: Float64Array,
): Float64Array {
  const { seqLenQ, seqLenKv, headDim, headDimV } = problem;
  const u = roundingUnit('f32');
  const unit = roundingUnit(problem.dtype);
  const bounds = new Float64Array(expected.length);
  for (const head of headsOf(problem)) {
    const keys = k.subarray(head.k, head.k + seqLenKv * headDim);
    for (let i = 0; i < seqLenQ; i++) {
      const query = q.subarray(head.q + i * headDim, head.q + (i + 1) * headDim);
      const visible = visibleKeys(problem, i);
      const row = attentionRow(problem, query, keys, visible);
      const weightErrors = relativeWeightErrors(problem, query, keys, row.scores);
      let weightError = 0;
      for (let j = 0; j < visible; j++) weightError += row.probabilities[j]! * weightErrors[j]!;
      for (let d = 0; d < headDimV; d++) {
        const index = head.o + i * headDimV + d;
        const result = Math.abs(expected[index]!);
        let magnitude = 0;
        let moved = weightError * result;
        let largest = 0;
        for (let j = 0; j < visible; j++) {
          const value = Math.abs(v[head.v + j * headDimV + d]!);
          magnitude += row.probabilities[j]! * value;
          moved += row.probabilities[j]! * weightErrors[j]! * value;
          largest = Math.max(largest, value);
        }
        const byWeights = weightError < 1 ? Math.min(moved / (1 - weightError), 2 * largest) : 2 * largest;
        const bySums = (visible + 1) * u * (magnitude + result) + 6 * u * result;
        const error = byWeights + bySums + visible * smallestNormal('f32') * largest;
        bounds[index] = error + unit * (result + error);
      }
    }
  }
  return bounds;
}

/** By how much of itself each weight of a row may be off. */
function relativeWeightErrors(
  { headDim, scale }: AttentionProblem,
  query: Float64Array,
  keys: Float64Array,
  scores: Float64Array,
): Float64Array {
  const u = roundingUnit('f32');
  let maximum = -Infinity;
  for (const score of scores) maximum = Math.max(maximum, score);
  // The last two: parts of the keys are summed on their own and merged, in a workgroup and among workgroups.
  const steps = 1 + Math.ceil(scores.length / MIN_TILE_KV) + 2;
  return scores.map((score, j) => {
    let magnitude = 0;
    for (let d = 0; d < headDim; d++) magnitude += Math.abs(query[d]! * keys[j * headDim + d]!);
    const distance = Math.LOG2E * (maximum - score);
    const scoreError =
      Math.LOG2E * ((headDim + 1) * u * Math.abs(scale) * magnitude + 2 * u * Math.abs(score)) + u * distance;
    const stepsError = 2 * u * (3 * steps + 2 * distance) + u * steps;
    // A finite number even where a score is nothing but rounding, so that a weight of 0 makes 0 of it.
    return Math.min(Math.exp(Math.LN2 * scoreError) * (1 + stepsError) - 1, Number.MAX_VALUE);
  });
}
