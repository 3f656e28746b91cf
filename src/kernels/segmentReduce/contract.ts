import { segmentReductionReference, type SegmentReductionProblem } from '../../reference/segmentReduce.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { bytesOf, type Contract } from '../define.ts';
import { isFloat, roundingUnit } from '../rounding.ts';

export const segmentReductionContract: Contract<SegmentReductionProblem> = {
  name: 'segmentReduce',
  inputs: ({ length, inner, dtype, segments }) => [
    { shape: [length, inner], dtype },
    { shape: [segments + 1], dtype: 'u32' },
  ],
  outputs: ({ inner, segments, dtype }) => [{ shape: [segments, inner], dtype }],
  key: (p) => `${p.kind},${p.dtype},${p.length},${p.inner},${p.segments}`,
  dtype: ({ dtype }) => dtype,
  shapeClass: ({ length, inner, segments }) =>
    `${inner === 1 ? 'rows' : 'columns'}-${length < 64 * segments ? 'short' : 'long'}`,
  flops: ({ length, inner }) => length * inner,
  bytes: (problem) =>
    bytesOf(
      [...segmentReductionContract.inputs(problem), ...segmentReductionContract.outputs(problem)],
      dtypeSizeBytes,
    ),
  reference: (problem, inputs) => [segmentReductionReference(problem, inputs)],
  /**
   * A sum of n elements, in any order, is off by at most n u sum |x| to first order, u = 2^-24 (Higham, Accuracy and Stability
   * of Numerical Algorithms, 2nd ed., section 4.2); nobody can say beforehand how long segments are. The division of a
   * mean may be off by 2.5 units in the last place. Extremes and integers are exact.
   */
  errorBound(problem, [x, offsets], [expected]) {
    const { kind, dtype, inner } = problem;
    if (!isFloat(dtype) || kind === 'max' || kind === 'min') return [new Float64Array(expected!.length)];
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
