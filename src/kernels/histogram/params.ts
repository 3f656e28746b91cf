import { binsPerUnit, type HistogramProblem } from '../../reference/histogram.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { f32, u32, type Params } from '../../runtime/params.ts';
import { input, type Binding } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { boundRanges } from '../sliced.ts';
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

/** A stretch of x that can be bound, and the problem of counting it: each adds to the counts of those before it. */
interface HistogramSlice {
  readonly part: HistogramProblem;
  readonly x: Binding;
}

/** All of x, or slices of it where it is larger than can be bound. */
export function histogramSlices(problem: HistogramProblem, caps: Capabilities): readonly HistogramSlice[] {
  return boundRanges(input(0), problem.length, dtypeSizeBytes(problem.dtype), caps).map(
    ({ range: [begin, end], binding }) => ({ part: { ...problem, length: end - begin }, x: binding }),
  );
}
