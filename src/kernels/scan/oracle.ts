import { isExactSum, type ScanProblem } from '../../reference/scan.ts';
import { scanReference } from '../../reference/scanReference.ts';
import type { Oracle } from '../define.ts';
import { isFloat, longestChain, roundingUnit, smallestNormal } from '../rounding.ts';

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
   * A product is made in h roundings too, each of relative size u. What underflows on the way is off by the smallest normal
   * number at most, and that error is multiplied by no more than the product of all factors above 1; where that
   * product overflows, nothing is promised.
   *
   * Maxima, minima, integers and exact sums are exact. So are operators of callers that only choose among their operands; of others
   * nothing is known.
   */
  errorBound(problem, [x, offsets], [expected]) {
    const { operator, dtype, length } = problem;
    const rounds = isFloat(dtype) && (operator === 'sum' || operator === 'prod') && !isExactSum(problem);
    if (!rounds) return [new Float64Array(expected!.length)];
    const roundings = offsets ? longestSegment(offsets) : longestChain(length);
    const relative = roundings * roundingUnit('f32');
    const magnitude = x!.map(operator === 'sum' ? Math.abs : (value) => Math.max(1, Math.abs(value)));
    const reach = scanReference(problem, magnitude, offsets);
    return [
      expected!.map((value, i) => {
        const error =
          operator === 'sum'
            ? relative * reach[i]!
            : relative * Math.abs(value) + roundings * smallestNormal('f32') * reach[i]!;
        return error + roundingUnit(dtype) * (Math.abs(value) + error);
      }),
    ];
  },
};
