import { type SampleProblem } from '../../reference/sample.ts';
import {
  distributionOf,
  sampleReference,
  uniformOf,
  type Distribution,
} from '../../reference/sampleReference.ts';
import type { Oracle } from '../define.ts';
import { longestChain, roundingUnit } from '../rounding.ts';

/**
 * How far a running sum of weights may be off, relative to the sum of all, u = 2^-24: subtracting and scaling make a relative
 * error of 2 |d| u in exp(d), and exp itself may be off by 3 + 2 |d| units in the last place of 2 u. That of the sum is
 * the mean of its terms', weighted by themselves, and one for each addition. Weighted by exp(d), |d| is log(length) at most.
 */
const relativeError = (length: number): number =>
  (6 + 6 * Math.log(Math.max(2, length)) + longestChain(length)) * roundingUnit('f32');

export const sampleOracle: Oracle<SampleProblem> = {
  reference: (problem, inputs) => [sampleReference(problem, inputs)],
  /**
   * The token is exact, unless the random part of the sum falls closer to the edge of its candidate than sums are known: then
   * the candidates next to it will do. Where a weight is so close to minP that either may be, any candidate will.
   */
  errorBound(problem, [logits, chosen], [expected]) {
    const { length } = problem;
    return [
      expected!.map((token, row) => {
        const distribution = distributionOf(problem, logits!.subarray(row * length, (row + 1) * length));
        if (!distribution) return 0;
        let bound = 0;
        for (const candidate of possibleCandidates(problem, distribution, row)) {
          const other = chosen ? chosen[row * length + candidate]! : candidate;
          bound = Math.max(bound, Math.abs(other - token));
        }
        return bound;
      }),
    ];
  },
};

/** Candidates of a row that may be drawn where sums are as far off as they can be. */
function possibleCandidates(
  problem: SampleProblem,
  { sums, kept, closeToMinP }: Distribution,
  row: number,
): number[] {
  const { length, minP, topP } = problem;
  const all = Array.from({ length }, (_, candidate) => candidate);
  const relative = relativeError(length);
  if (closeToMinP <= relative * minP) return all;
  const total = sums[length - 1]!;
  const margin = 3 * relative * total;
  // Where the cut is close to a sum, the next or the one before may be taken.
  const cuts = topP < 1 ? all.filter((i) => Math.abs(sums[i]! - topP * total) <= margin) : [];
  const goals = [kept, ...cuts.flatMap((i) => [sums[i]!, sums[i + 1] ?? total])].map(
    (part) => uniformOf(problem, row) * part,
  );
  return all.filter((i) =>
    goals.some((goal) => (i === 0 || sums[i - 1]! <= goal + margin) && sums[i]! >= goal - margin),
  );
}
