import { isExactReduction, type SegmentReductionProblem } from '../../reference/segmentReduce.ts';
import { segmentReductionReference } from '../../reference/segmentReduceReference.ts';
import type { Oracle } from '../define.ts';
import { isFloat, roundingUnit } from '../rounding.ts';

export const segmentReductionOracle: Oracle<SegmentReductionProblem> = {
  reference: (problem, inputs) => [segmentReductionReference(problem, inputs)],
  /**
   * A sum of n elements, in any order, is off by at most n u sum |x| to first order, u = 2^-24 (Higham, Accuracy and Stability
   * of Numerical Algorithms, 2nd ed., section 4.2); nobody can say beforehand how long segments are. The division of a
   * mean may be off by 2.5 units in the last place. Extremes and integers are exact.
   */
  errorBound(problem, [x, offsets], [expected]) {
    const { kind, dtype, inner } = problem;
    const rounds = kind === 'sum' || kind === 'mean' || kind === 'prod';
    if (!isFloat(dtype) || !rounds || isExactReduction(problem)) return [new Float64Array(expected!.length)];
    const magnitude = segmentReductionReference(problem, [x!.map(Math.abs), offsets!]);
    const division = kind === 'mean' ? 5 * roundingUnit('f32') : 0;
    return [
      expected!.map((value, result) => {
        const segment = Math.floor(result / inner);
        const additions = (offsets![segment + 1]! - offsets![segment]!) * roundingUnit('f32');
        const error = additions * magnitude[result]! + division * Math.abs(value);
        return error + roundingUnit(dtype) * (Math.abs(value) + error);
      }),
    ];
  },
};
