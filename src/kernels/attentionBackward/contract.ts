import type { AttentionProblem } from '../../reference/attention.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { attentionContract, attentionKey, attentionPairs } from '../attention/contract.ts';
import { bytesOf, type Contract } from '../define.ts';

/** Gradients of q, k and v. Inputs are those of attention with dO behind v. */
export const attentionBackwardContract: Contract<AttentionProblem> = {
  name: 'attentionBackward',
  inputs: (problem) => {
    const [q, k, v, ...others] = attentionContract.inputs(problem);
    return [q!, k!, v!, attentionContract.outputs(problem)[0]!, ...others];
  },
  outputs: (problem) => attentionContract.inputs(problem).slice(0, 3),
  key: attentionKey,
  dtype: ({ dtype }) => dtype,
  shapeClass: (problem) => attentionContract.shapeClass(problem),
  /** The five products of FlashAttention-2's count: scores, dO V^T, and the three gradients. */
  flops: (problem) => 2 * attentionPairs(problem) * (3 * problem.headDim + 2 * problem.headDimV),
  bytes: (problem) =>
    bytesOf(
      [...attentionBackwardContract.inputs(problem), ...attentionBackwardContract.outputs(problem)],
      dtypeSizeBytes,
    ),
};
