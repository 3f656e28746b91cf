import { optionalInputs } from '../../reference/attention.ts';
import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import { attentionContract, attentionKey } from '../attention/contract.ts';
import type { TensorNames } from '../attention/part.ts';
import { slicingOnDemand } from '../onDemand.ts';
import type { Contract } from '../define.ts';

/** Place of the first optional input among the inputs. */
export const firstOptional = ({ forward }: BackwardProblem): number => (forward ? 6 : 4);

/** All tensors, in the order of their bindings, each by what it lies like. */
export const attentionBackwardNames: TensorNames<BackwardProblem> = {
  inputs: (problem) => [
    ...(['q', 'k', 'v', 'o'] as const),
    ...(problem.forward ? (['o', 'lse'] as const) : []),
    ...optionalInputs(problem),
  ],
  outputs: () => ['q', 'k', 'v'],
};

/** Gradients of q, k and v. Inputs are those of attention with dO behind v, and the forward pass's results behind that if given. */
export const attentionBackwardContract: Contract<BackwardProblem> = {
  name: 'attentionBackward',
  // Gradients of k and v are sums over all queries of all heads that share them: slices.ts adds up what ranges of both give.
  slicing: slicingOnDemand(async () =>
    (await import('../attention/slicing.ts')).attentionSlicing(attentionBackwardNames, 2),
  ),
  inputs: (problem) => {
    const [q, k, v, ...others] = attentionContract.inputs(problem);
    const [o, logSumExp] = attentionContract.outputs({ ...problem, logSumExp: true });
    return [q!, k!, v!, o!, ...(problem.forward ? [o!, logSumExp!] : []), ...others];
  },
  outputs: (problem) => attentionContract.inputs(problem).slice(0, 3),
  key: (problem) => `${attentionKey(problem)} ${problem.forward === true}`,
};
