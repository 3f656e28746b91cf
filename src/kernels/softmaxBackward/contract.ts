import type { SoftmaxProblem } from '../../reference/softmax.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { bytesOf } from '../bytesOf.ts';
import type { Contract } from '../define.ts';
import { softmaxContract } from '../softmax/contract.ts';

/** Product, sum, difference, product: one operation each. */
const FLOPS_PER_ELEMENT = 4;

export const softmaxBackwardContract: Contract<SoftmaxProblem> = {
  ...softmaxContract,
  name: 'softmaxBackward',
  inputs: ({ outer, length, inner, dtype }) => {
    const y = { shape: [outer, length, inner], dtype };
    return [y, y];
  },
  flops: ({ outer, length, inner }) => FLOPS_PER_ELEMENT * outer * length * inner,
  bytes: (problem) =>
    bytesOf(
      [...softmaxBackwardContract.inputs(problem), ...softmaxBackwardContract.outputs(problem)],
      dtypeSizeBytes,
    ),
};
