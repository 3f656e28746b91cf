import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import { attentionMeasures, attentionPairs } from '../attention/measures.ts';
import type { OwnMeasures } from '../define.ts';

export const attentionBackwardMeasures: OwnMeasures<BackwardProblem> = {
  ...attentionMeasures,
  /** The five products of FlashAttention-2's count: scores, dO V^T, and the three gradients. */
  flops: (problem) => 2 * attentionPairs(problem) * (3 * problem.headDim + 2 * problem.headDimV),
};
