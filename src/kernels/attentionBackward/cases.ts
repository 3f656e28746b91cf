import type { AttentionProblem } from '../../reference/attention.ts';
import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import { attentionCases, EVERYTHING, featureCase } from '../attention/cases.ts';
import type { Case } from '../define.ts';

/** Queries and keys of the longest problem: the reference takes five times what attention's takes. */
const LONGEST = 130 * 130;

/** Problems of attention that can be trained: no cache, and no second result. */
function isTrained({ cache, logSumExp, seqLenQ, seqLenKv, headDim }: AttentionProblem): boolean {
  return !cache && !logSumExp && seqLenQ * seqLenKv <= LONGEST && headDim <= 256 && seqLenKv > 0;
}

const trained: readonly Case<AttentionProblem>[] = [
  ...attentionCases
    .filter(({ problem, distribution }) => isTrained(problem) && distribution === undefined)
    // Every third: what differs is what differs in attention, and that is tested there.
    .filter((_, index) => index % 3 === 0),
  featureCase('everything that can be trained', 37, { ...EVERYTHING, logSumExp: undefined }),
];

/** A case of attention with the same inputs behind those that the backward pass has in their place. */
function backwardCase(
  { name, problem, given = {} }: Case<AttentionProblem>,
  forward: boolean,
): Case<BackwardProblem> {
  const shift = forward ? 3 : 1;
  return {
    name: forward ? `${name}, given the forward pass's results` : name,
    problem: { ...problem, ...(forward && { forward }) },
    given: Object.fromEntries(
      Object.entries(given).map(([place, numbers]) => [Number(place) + shift, numbers]),
    ),
  };
}

/** Those of attention; every other one also with results of the forward pass, which need not be its own to have gradients. */
export const attentionBackwardCases: readonly Case<BackwardProblem>[] = trained.flatMap((one, index) => [
  backwardCase(one, false),
  ...(index % 2 === 0 ? [backwardCase(one, true)] : []),
]);
