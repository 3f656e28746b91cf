import {
  attentionReference,
  attentionRow,
  attentionScore,
  keyRange,
  keyRows,
  namedOperands,
  optionalInputs,
  outputRows,
  QUANT_BLOCK,
  queryRows,
  type AttentionOperands,
  type AttentionProblem,
  type OptionalInput,
  type QueryRow,
} from '../../reference/attention.ts';
import { at, input, output, type Binding } from '../../runtime/plan.ts';
import { dtypeSizeBytes, type Shape, type TensorSpec } from '../../tensor.ts';
import { bytesOf, ceilDiv, type Contract } from '../define.ts';
import { roundingUnit, smallestNormal } from '../rounding.ts';

/** Numbers of the optional inputs; params 0, q 1, k 2, v 3, o 4 and logSumExp 5 (or scratch in their place) come before. */
const OPTIONAL_BINDINGS: Readonly<Record<OptionalInput, number>> = {
  mask: 6,
  slopes: 7,
  sinks: 8,
  lengths: 9,
  offsetsQ: 10,
  offsetsKv: 11,
  blockTable: 12,
  scalesK: 13,
  scalesV: 14,
};

/** Bindings of those optional inputs that a problem has and a pass uses; `first` is the place of the first among the inputs. */
export function optionalBindings(
  problem: AttentionProblem,
  used: (name: OptionalInput) => boolean = () => true,
  first = 3,
): readonly Binding[] {
  return optionalInputs(problem).flatMap((name, index) =>
    used(name) ? [at(OPTIONAL_BINDINGS[name], input(first + index))] : [],
  );
}

/** o 4, logSumExp 5. */
export const outputBindings = ({ logSumExp }: AttentionProblem): readonly Binding[] => [
  at(4, output(0)),
  ...(logSumExp ? [at(5, output(1))] : []),
];

/** Bindings of a kernel of one pass. */
export const attentionBindings = (problem: AttentionProblem): readonly Binding[] => [
  input(0),
  input(1),
  input(2),
  ...outputBindings(problem),
  ...optionalBindings(problem),
];

/** Heads that kernels keep in registers which make a tile of queries at a time. */
export const LARGEST_FLASH_HEAD = 256;

/** Why a kernel that reads rows in vectors of four, of heads up to a size, cannot run a problem, or undefined if it can. */
export function whyNotInVectors(
  { headDim, headDimV, seqLenKv }: Pick<AttentionProblem, 'headDim' | 'headDimV' | 'seqLenKv'>,
  largest: number,
): string | undefined {
  const sizes = headDim === headDimV ? `${headDim}` : `${headDim} and ${headDimV}`;
  if (seqLenKv === 0) return 'there are no keys';
  if (Math.max(headDim, headDimV) > largest)
    return `there is room for heads of at most ${largest} elements, these have ${sizes}`;
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

/** Every field of a problem: plans must not be shared by problems that differ in any. */
const KEY_FIELDS = Object.keys({
  batch: true,
  heads: true,
  kvHeads: true,
  seqLenQ: true,
  seqLenKv: true,
  headDim: true,
  headDimV: true,
  dtype: true,
  scale: true,
  layout: true,
  tokens: true,
  alignment: true,
  left: true,
  right: true,
  softcap: true,
  mask: true,
  alibi: true,
  sinks: true,
  lengths: true,
  cache: true,
  quantised: true,
  logSumExp: true,
} satisfies Record<keyof AttentionProblem, true>) as (keyof AttentionProblem)[];

/** Identifies a problem. */
export const attentionKey = (problem: AttentionProblem): string =>
  JSON.stringify(KEY_FIELDS.map((name) => problem[name]));

export const attentionContract: Contract<AttentionProblem> = {
  name: 'attention',
  inputs: (problem) => [
    ...operandSpecs(problem),
    ...optionalInputs(problem).map((name) => optionalSpec(problem, name)),
  ],
  outputs: (problem) => {
    const { batch, heads, seqLenQ, headDimV, dtype, layout, tokens, logSumExp } = problem;
    const o = { shape: rowShape(layout, batch, heads, seqLenQ, tokens?.q, headDimV), dtype };
    const lse = { shape: tokens ? [heads, tokens.q] : [batch, heads, seqLenQ], dtype: 'f32' as const };
    return logSumExp ? [o, lse] : [o];
  },
  key: attentionKey,
  dtype: ({ dtype }) => dtype,
  shapeClass({ seqLenQ, seqLenKv, headDim }) {
    const phase = seqLenQ <= DECODE_QUERIES ? 'decode' : 'prefill';
    return `${phase}-${seqLenKv < 1024 ? 'short' : 'long'}-${headDim}`;
  },
  /**
   * Both products, over the pairs of query and key that are within reach; softmax itself is not counted, nor what a mask's
   * entries or lengths of single sequences take away.
   */
  flops: (problem) => 2 * attentionPairs(problem) * (problem.headDim + problem.headDimV),
  bytes: (problem) =>
    bytesOf([...attentionContract.inputs(problem), ...attentionContract.outputs(problem)], dtypeSizeBytes),
  reference: (problem, inputs) => attentionReference(problem, inputs),
  errorBound: (problem, inputs, expected) =>
    attentionErrorBound(problem, namedOperands(problem, inputs), expected),
};

function rowShape(
  layout: AttentionProblem['layout'],
  batch: number,
  heads: number,
  seqLen: number,
  tokens: number | undefined,
  dim: number,
): Shape {
  if (tokens !== undefined) return [tokens, heads, dim];
  return layout === 'bshd' ? [batch, seqLen, heads, dim] : [batch, heads, seqLen, dim];
}

function operandSpecs(problem: AttentionProblem): readonly TensorSpec[] {
  const { batch, heads, seqLenQ, headDim, headDimV, dtype, layout, tokens } = problem;
  return [
    { shape: rowShape(layout, batch, heads, seqLenQ, tokens?.q, headDim), dtype },
    { shape: keyShape(problem, headDim), dtype: problem.quantised ? 'i8' : dtype },
    { shape: keyShape(problem, headDimV), dtype: problem.quantised ? 'i8' : dtype },
  ];
}

function keyShape({ batch, kvHeads, seqLenKv, layout, tokens, cache }: AttentionProblem, dim: number): Shape {
  if (cache?.kind === 'paged') return [cache.blocks, cache.blockSize, kvHeads, dim];
  return rowShape(cache ? 'bhsd' : layout, batch, kvHeads, seqLenKv, tokens?.kv, dim);
}

function optionalSpec(problem: AttentionProblem, name: OptionalInput): TensorSpec {
  const { batch, heads, mask, alibi, cache, seqLenKv, headDim, headDimV } = problem;
  switch (name) {
    case 'mask':
      return { shape: mask!.shape, dtype: mask!.dtype };
    case 'slopes':
      return { shape: alibi === 'batch' ? [batch, heads] : [heads], dtype: 'f32' };
    case 'sinks':
      return { shape: [heads], dtype: 'f32' };
    case 'lengths':
      return { shape: [batch], dtype: 'u32' };
    case 'blockTable':
      return { shape: [batch, seqLenKv / (cache as { blockSize: number }).blockSize], dtype: 'u32' };
    case 'scalesK':
      return { shape: keyShape(problem, headDim / QUANT_BLOCK), dtype: 'f32' };
    case 'scalesV':
      return { shape: keyShape(problem, headDimV / QUANT_BLOCK), dtype: 'f32' };
    default:
      return { shape: [batch + 1], dtype: 'u32' };
  }
}

/**
 * To first order in u = 2^-24, with n keys and D = headDim, scores t in units of log2(e) and their maximum m:
 *
 * - A score is a sum of D products in f32, off by at most (D + 2) u |scale| log2(e) sum |q||k| (Higham, Accuracy and
 *   Stability of Numerical Algorithms, 2nd ed., section 3.1; one u for the factor of a quantised key), and 2u |t| for the rounded factor and its product. A cap
 *   adds 6u of the score (its quotient), and 20u of the cap for the exponential and the quotient that make the
 *   hyperbolic tangent, whose slope is at most 1. A bias and a mask add 4u of themselves and of the score.
 * - A weight 2^(t - m) comes about in steps: the first 2^(t - m') and a correction 2^(m' - m'') each time the maximum
 *   grows, at most once a tile. The exponents add up to t - m. Each difference is rounded (u of it), each exp2 may be
 *   off by 3 + 2|x| units in the last place (WGSL, section 15.7.4.1), of 2u each, and each correction is a product (u).
 * - So a weight p has a relative error of at most r(t) = e^(ln 2 * error of t) (1 + error of the steps) - 1. The errors of
 *   all weights move the result by at most sum p r (|v| + |o|) / (1 - sum p r), since they are in its denominator too.
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
function attentionErrorBound(
  problem: AttentionProblem,
  operands: AttentionOperands,
  expected: readonly Float64Array[],
): readonly Float64Array[] {
  const { headDimV, dtype, logSumExp } = problem;
  const u = roundingUnit('f32');
  const unit = roundingUnit(dtype);
  const [o] = expected;
  const bounds = new Float64Array(o!.length);
  const lseBounds = new Float64Array(outputRows(problem));
  for (const place of queryRows(problem, operands)) {
    const row = attentionRow(problem, operands, place);
    const keys = keyRows(problem, operands, place);
    const { first, scores, probabilities } = row;
    const errors = relativeWeightErrors(problem, operands, place, row);
    const count = scores.length;
    let weightError = row.sinkProbability * errors[count]!;
    let likeliest = row.sinkProbability;
    for (let j = 0; j < count; j++) {
      weightError += probabilities[j]! * errors[j]!;
      likeliest = Math.max(likeliest, probabilities[j]!);
    }
    const valuesAt = Array.from({ length: count }, (_, j) => keys.v(first + j));
    for (let d = 0; d < headDimV; d++) {
      const index = place.o + d;
      const result = Math.abs(o![index]!);
      let magnitude = 0;
      let moved = weightError * result;
      let largest = 0;
      let squares = 0;
      for (let j = 0; j < count; j++) {
        if (scores[j] === -Infinity) continue;
        const value = Math.abs(operands.v[valuesAt[j]! + d]!);
        magnitude += probabilities[j]! * value;
        moved += probabilities[j]! * errors[j]! * value;
        largest = Math.max(largest, value);
        squares += ((probabilities[j]! + 2 ** -13 * likeliest) * value) ** 2;
      }
      const byWeights = weightError < 1 ? Math.min(moved / (1 - weightError), 2 * largest) : 2 * largest;
      const byHalves = dtype === 'f16' ? 6 * unit * Math.sqrt(squares) : 0;
      const bySums = (count + 2) * u * (magnitude + result) + 6 * u * result;
      const error = byWeights + byHalves + bySums + count * smallestNormal('f32') * largest;
      bounds[index] = error + unit * (result + error);
    }
    const size = Number.isFinite(row.logSumExp) ? Math.abs(row.logSumExp) : 0;
    lseBounds[place.lse] =
      Math.log1p(weightError + (count + 1) * u) +
      2 ** -21 +
      8 * u * (size + Math.log1p(count)) +
      4 * u * size;
  }
  return logSumExp ? [bounds, lseBounds] : [bounds];
}

/** Pairs of both that are within reach, in all heads and sequences. */
export function attentionPairs(problem: AttentionProblem): number {
  const { batch, heads, seqLenQ, seqLenKv } = problem;
  const sequence = { batch: 0, queryRow: 0, keyRow: 0, seqLenQ, seqLenKv, firstKey: 0 };
  let pairs = 0;
  for (let query = 0; query < seqLenQ; query++) {
    const { first, end } = keyRange(problem, sequence, query);
    pairs += end - first;
  }
  return batch * heads * pairs;
}

/** By how much of itself each weight of a row may be off, and at the end that of the sink. */
export function relativeWeightErrors(
  problem: AttentionProblem,
  operands: AttentionOperands,
  place: QueryRow,
  { first, scores }: ReturnType<typeof attentionRow>,
): Float64Array {
  const { headDim, scale, softcap } = problem;
  const u = roundingUnit('f32');
  const sink = operands.sinks?.[place.head];
  let maximum = sink ?? -Infinity;
  for (const score of scores) maximum = Math.max(maximum, score);
  // The last three: parts of the keys are summed on their own and merged, in a workgroup and among workgroups; and the sink.
  const steps = 1 + Math.ceil(scores.length / MIN_TILE_KV) + 3;
  const relative = (score: number, scoreError: number): number => {
    const distance = Math.LOG2E * (maximum - score);
    const exponentError = Math.LOG2E * scoreError + u * distance;
    const stepsError = 2 * u * (3 * steps + 2 * distance) + u * steps;
    // A finite number even where a score is nothing but rounding, so that a weight of 0 makes 0 of it.
    return Math.min(Math.exp(Math.LN2 * exponentError) * (1 + stepsError) - 1, Number.MAX_VALUE);
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
    errors[j] = relative(scores[j]!, byProduct + byCap + byAdding);
  }
  if (sink !== undefined && sink !== -Infinity)
    errors[scores.length] = relative(sink, 2 * u * Math.abs(sink));
  return errors;
}
