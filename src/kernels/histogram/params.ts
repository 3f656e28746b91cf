import { binsPerUnit, type HistogramProblem } from '../../reference/histogram.ts';
import { f32, u32, type Params } from '../../runtime/params.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { bin } from './snippets.ts';
import { part } from '../../wgsl/part.ts';
import { histogramTexts } from '../texts.ts';

const paramsPart = part(histogramTexts, 'histogram/params');

/** The uniform block of every histogram kernel. */
export function histogramParams(problem: HistogramProblem): Params {
  const { length, bins, range: [low, high] = [0, 1] } = problem;
  return {
    length: u32(length),
    bins: u32(bins),
    low: f32(low),
    high: f32(high),
    scale: f32(binsPerUnit(problem)),
  };
}

/** What the shaders of all histogram kernels have in common. */
export function histogramShader({
  dtype,
  range,
}: HistogramProblem): Required<Omit<ShaderSource, 'constants'>> {
  return {
    extensions: dtype === 'f16' ? ['f16'] : [],
    aliases: { Elem: dtype },
    parts: [paramsPart, range ? bin.range : bin.integer],
  };
}

/** All parts that `histogramShader` may use, for kernels' `parts`. */
export const everyHistogramPart: readonly ShaderPart[] = [paramsPart, ...Object.values(bin)];
