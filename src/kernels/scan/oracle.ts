import { isExactSum, type ScanProblem } from '../../reference/scan.ts';
import { scanReference } from '../../reference/scanReference.ts';
import type { Oracle } from '../define.ts';
import { isFloat, longestChain, productError, reachOf, roundingUnit } from '../rounding.ts';

function longestSegment(offsets: Float64Array): number {
  let longest = 0;
  for (let s = 1; s < offsets.length; s++) longest = Math.max(longest, offsets[s]! - offsets[s - 1]!);
  return longest;
}

export const scanOracle: Oracle<ScanProblem> = {
  reference: (problem, [x, offsets]) => [scanReference(problem, x!, offsets)],
  /**
   * Each sum is bounded as that of a reduction: by h u sum |x|, with h = `longestChain` and u = 2^-24. Of segments, nobody can say
   * beforehand how long they are, so h is the length of the longest.
   *
   * A product is made in h roundings too: `productError`.
   *
   * Maxima, minima, integers and exact sums are exact. So are operators of callers that only choose among their operands; of others
   * nothing is known.
   */
  errorBound(problem, [x, offsets], [expected]) {
    const { operator, dtype, length } = problem;
    const rounds = isFloat(dtype) && (operator === 'sum' || operator === 'prod') && !isExactSum(problem);
    if (!rounds) return [new Float64Array(expected!.length)];
    const roundings = offsets ? longestSegment(offsets) : longestChain(length);
    const magnitude = x!.map(operator === 'sum' ? Math.abs : reachOf);
    const reach = scanReference(problem, magnitude, offsets);
    return [
      expected!.map((value, i) => {
        const error =
          operator === 'sum'
            ? roundings * roundingUnit('f32') * reach[i]!
            : productError(roundings, value, reach[i]!);
        return error + roundingUnit(dtype) * (Math.abs(value) + error);
      }),
    ];
  },
};
