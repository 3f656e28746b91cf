import { attention, type Tensor } from 'tilewise';
import { formatCount } from '../format.ts';
import { F32_UNIT } from './rounding.ts';
import { CPU_BUDGET, everything, magnitudes, spread } from './sampling.ts';
import type { AttentionWorkload, Family, Sample } from './workload.ts';

/** Heads, and queries of each, that are checked where there are too many to check them all. */
const SAMPLED_HEADS = 4;
const SAMPLED_QUERIES = 32;

/** Keys that a kernel adds to a row before it looks at the maximum again, at least. */
const KEYS_PER_STEP = 8;

export const attentionFamily: Family<AttentionWorkload> = {
  operands: ({ heads, kvHeads, seqLenQ, seqLenKv, headDim }) => [
    { shape: [1, heads, seqLenQ, headDim], values: 'real' },
    { shape: [1, kvHeads, seqLenKv, headDim], values: 'real' },
    { shape: [1, kvHeads, seqLenKv, headDim], values: 'real' },
  ],
  run: ({ causal }, operands, choice) => {
    const [q, k, v] = operands as Tensor<'f32'>[];
    return attention(q!, k!, v!, { ...choice, causal: causal ? 'lower-right' : false });
  },
  shapeText: ({ heads, kvHeads, seqLenQ, seqLenKv, headDim }) =>
    `${heads}/${kvHeads} heads, ${formatCount(seqLenQ)} × ${formatCount(seqLenKv)}, dim ${headDim}`,
  // One query reads every key and value for little arithmetic.
  rate: ({ seqLenQ }) => (seqLenQ > 16 ? 'flops' : 'bytes'),
  samples(workload, operands) {
    const { heads, seqLenQ, seqLenKv, headDim } = workload;
    if (2 * heads * seqLenQ * seqLenKv * headDim <= CPU_BUDGET) {
      return [{ workload, operands, indexInWhole: everything }];
    }
    return spread(heads, SAMPLED_HEADS).flatMap((head) =>
      spread(seqLenQ, SAMPLED_QUERIES).map((query) => sampleQuery(workload, operands, head, query)),
    );
  },
  /**
   * To first order, with n keys, D = headDim and u = 2^-24: a score is off by (D + 1) u scale |q||k|, its rounding and that of its
   * distance from the maximum by a few u; each exp2 by 3 + 2|x| units in the last place (WGSL, section 15.7.4.1), and the maximum
   * may grow once for every few keys, with a correction each time. Weights so far off move the result by as much of
   * sum p|v| and of itself; the two sums of n terms add (n + 1) u of the same, and the quotient 5 u.
   */
  async slack(workload, [q, k, v], expected, evaluate) {
    const { headDim, seqLenKv } = workload;
    const sizes = await evaluate(workload, [q!, k!, magnitudes(v!)]);
    const score = (largestNorm(q!, headDim) * largestNorm(k!, headDim)) / Math.sqrt(headDim);
    const steps = 3 + Math.ceil(seqLenKv / KEYS_PER_STEP);
    const scoreError = (headDim + 5) * F32_UNIT * score;
    const stepsError = F32_UNIT * (7 * steps + 8 * Math.LOG2E * score);
    const weightError = Math.exp(scoreError) * (1 + stepsError) - 1;
    const share = weightError / (1 - weightError) + (seqLenKv + 1) * F32_UNIT;
    return Float64Array.from(
      sizes,
      (size, i) => share * (size + Math.abs(expected[i]!)) + 5 * F32_UNIT * Math.abs(expected[i]!),
    );
  },
};

/** One query of one head: it sees all keys up to its own position, so a shorter problem without a mask gives the same. */
function sampleQuery(
  workload: AttentionWorkload,
  [q, k, v]: readonly Float32Array[],
  head: number,
  query: number,
): Sample<AttentionWorkload> {
  const { heads, kvHeads, seqLenQ, seqLenKv, headDim, causal } = workload;
  const kvHead = Math.floor(head / (heads / kvHeads));
  const visible = causal ? query + 1 + seqLenKv - seqLenQ : seqLenKv;
  const row = (head * seqLenQ + query) * headDim;
  const keys = kvHead * seqLenKv * headDim;
  return {
    workload: { ...workload, heads: 1, kvHeads: 1, seqLenQ: 1, seqLenKv: visible, causal: false },
    operands: [
      q!.subarray(row, row + headDim),
      k!.subarray(keys, keys + visible * headDim),
      v!.subarray(keys, keys + visible * headDim),
    ],
    indexInWhole: (index) => row + index,
  };
}

/** The largest Euclidean norm of a row. */
function largestNorm(data: Float32Array, rowLength: number): number {
  let largest = 0;
  for (let row = 0; row < data.length; row += rowLength) {
    let squares = 0;
    for (let i = row; i < row + rowLength; i++) squares += data[i]! ** 2;
    largest = Math.max(largest, squares);
  }
  return Math.sqrt(largest);
}
