import type { HistogramProblem } from '../../reference/histogram.ts';
import type { OwnMeasures } from '../define.ts';

export const histogramMeasures: OwnMeasures<HistogramProblem> = {
  dtype: ({ dtype }) => dtype,
  shapeClass: ({ bins }) => (bins <= 4096 ? 'few-bins' : 'many-bins'),
  flops: ({ length }) => length,
};
