import { DECODE_QUERIES, keyRange, type AttentionProblem } from '../../reference/attention.ts';
import type { OwnMeasures } from '../define.ts';

export const attentionMeasures: OwnMeasures<AttentionProblem> = {
  dtype: ({ dtype }) => dtype,
  shapeClass({ seqLenQ, seqLenKv, headDim, quantised }) {
    const kind = quantised ? 'quantised-' : '';
    const phase = seqLenQ <= DECODE_QUERIES ? 'decode' : 'prefill';
    return `${kind}${phase}-${seqLenKv < 1024 ? 'short' : 'long'}-${headDim}`;
  },
  /**
   * Both products, over the pairs of query and key that are within reach; softmax itself is not counted, nor what a mask's
   * entries or lengths of single sequences take away.
   */
  flops: (problem) => 2 * attentionPairs(problem) * (problem.headDim + problem.headDimV),
};

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
