import { softmaxBackwardReference, type SoftmaxProblem } from '../../reference/softmax.ts';
import type { Oracle } from '../define.ts';
import { largestFinite, longestChain, roundingUnit } from '../rounding.ts';

export const softmaxBackwardOracle: Oracle<SoftmaxProblem> = {
  reference: (problem, [y, dy]) => [softmaxBackwardReference(problem, y!, dy!)],
  /**
   * The sum is off by (h + 1) u sum |y dy|, h the `longestChain` of additions, u = 2^-24; the difference dy - sum by that and one
   * rounding, its product with y by another. For a logarithm exp(y) is off by 3 + 2 |y| units in the last place besides (WGSL,
   * section 15.7.4.1). Where exp(y) overflows, so that y is no logarithm of a probability, nothing is promised.
   */
  errorBound(problem, [y, dy], [dx]) {
    const { log, outer, length, inner, dtype } = problem;
    const u = roundingUnit('f32');
    const bound = new Float64Array(dx!.length);
    const h = longestChain(length);
    for (let o = 0; o < outer; o++) {
      for (let j = 0; j < inner; j++) {
        const start = o * length * inner + j;
        let magnitude = 0;
        for (let i = 0; i < length; i++) {
          const at = start + i * inner;
          magnitude += Math.abs(dy![at]!) * (log ? 1 : Math.abs(y![at]!));
        }
        const ofSum = (h + 1) * u * magnitude;
        for (let i = 0; i < length; i++) {
          const at = start + i * inner;
          const weight = log ? Math.exp(y![at]!) : Math.abs(y![at]!);
          const ofWeight = log ? 2 * (3 + 2 * Math.abs(y![at]!)) * u : 0;
          const terms = log
            ? Math.abs(dy![at]!) + weight * magnitude
            : weight * (Math.abs(dy![at]!) + magnitude);
          const error = weight * (ofSum + ofWeight * magnitude) + 2 * u * terms;
          bound[at] =
            log && weight > largestFinite('f32')
              ? Infinity
              : error + roundingUnit(dtype) * (Math.abs(dx![at]!) + error);
        }
      }
    }
    return [bound];
  },
};
