import type { SoftmaxProblem } from '../../reference/softmax.ts';
import type { Contract } from '../define.ts';
import { softmaxContract } from '../softmax/contract.ts';

export const softmaxBackwardContract: Contract<SoftmaxProblem> = {
  ...softmaxContract,
  name: 'softmaxBackward',
  inputs: ({ outer, length, inner, dtype }) => {
    const y = { shape: [outer, length, inner], dtype };
    return [y, y];
  },
};
