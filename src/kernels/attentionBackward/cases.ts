import { outputRows, type AttentionProblem } from '../../reference/attention.ts';
import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import { attentionCases, EVERYTHING, featureCase } from '../attention/cases.ts';
import type { Case } from '../define.ts';

/** Queries and keys of the longest problem: the reference takes five times what attention's takes. */
const LONGEST = 130 * 130;

/** Problems of attention that can be trained: no cache, and no second result. */
function isTrained({ cache, logSumExp, seqLenQ, seqLenKv, headDim }: AttentionProblem): boolean {
  return !cache && !logSumExp && seqLenQ * seqLenKv <= LONGEST && headDim <= 256 && seqLenKv > 0;
}

/**
 * In half precision, for tensor cores, heads up to this size are small ones: a software adapter translates matrices for seconds,
 * and larger heads have more of them.
 */
const USUAL_HEAD = 64;

function withSmallHalves({ name, problem, ...rest }: Case<AttentionProblem>): Case<AttentionProblem> {
  if (problem.dtype !== 'f16' || problem.headDim > USUAL_HEAD || problem.headDim % 8 !== 0)
    return { name, problem, ...rest };
  const headDim = problem.headDim === problem.headDimV ? 16 : 24;
  return {
    ...rest,
    name: `${name.replace(/,? headDim.*$/, '')}, headDim ${headDim}, headDimV 16`,
    problem: { ...problem, headDim, headDimV: 16 },
  };
}

const trained: readonly Case<AttentionProblem>[] = [
  ...attentionCases
    .filter(({ problem, distribution }) => isTrained(problem) && distribution === undefined)
    // Every third: what differs is what differs in attention, and that is tested there.
    .filter((_, index) => index % 3 === 0)
    .map(withSmallHalves),
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
    given: {
      ...Object.fromEntries(
        Object.entries(given).map(([place, numbers]) => [Number(place) + shift, numbers]),
      ),
      ...(forward && problem.dtype === 'f16' && { [LOG_SUM_EXP]: logSumExps(problem) }),
    },
  };
}

/** Its place among the inputs. */
const LOG_SUM_EXP = 5;

/** About as large as the largest scores: weights of the forward pass's own are no greater than 1, and halves end at 65504. */
function logSumExps(problem: AttentionProblem): readonly number[] {
  const large = 3 * Math.abs(problem.scale) * Math.sqrt(problem.headDim);
  return Array.from({ length: outputRows(problem) }, (_, row) => large + (row % 5) / 4);
}

/** Those of attention; every other one also with results of the forward pass, which need not be its own, but for the size of its weights. */
export const attentionBackwardCases: readonly Case<BackwardProblem>[] = trained.flatMap((one, index) => [
  backwardCase(one, false),
  ...(index % 2 === 0 ? [backwardCase(one, true)] : []),
]);
