import type { AttentionProblem } from '../../reference/attention.ts';
import { attentionCases, EVERYTHING, featureCase } from '../attention/cases.ts';
import type { Case } from '../define.ts';

/** Queries and keys of the longest problem: the reference takes five times what attention's takes. */
const LONGEST = 130 * 130;

/** Problems of attention that can be trained: no cache, and no second result. */
function isTrained({ cache, logSumExp, seqLenQ, seqLenKv, headDim }: AttentionProblem): boolean {
  return !cache && !logSumExp && seqLenQ * seqLenKv <= LONGEST && headDim <= 256 && seqLenKv > 0;
}

/** Those of attention, and the same inputs behind the gradient of the result. */
export const attentionBackwardCases: readonly Case<AttentionProblem>[] = [
  ...attentionCases
    .filter(({ problem, distribution }) => isTrained(problem) && distribution === undefined)
    // Every third: what differs is what differs in attention, and that is tested there.
    .filter((_, index) => index % 3 === 0),
  featureCase('everything that can be trained', 37, { ...EVERYTHING, logSumExp: undefined }),
].map(({ given = {}, ...rest }) => ({
  ...rest,
  given: Object.fromEntries(Object.entries(given).map(([place, numbers]) => [Number(place) + 1, numbers])),
}));
