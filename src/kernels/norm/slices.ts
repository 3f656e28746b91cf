import { gridSize } from '../../reference/grids.ts';
import type { NormProblem } from '../../reference/norm.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { countable, cutAligned } from '../cut.ts';
import { ceilDiv, defineKernel, type Config } from '../define.ts';
import { groupReduce } from '../invocationGroups.ts';
import { reduce } from '../lib.ts';
import { everyAccessPart, hasPlainRows, QUAD } from './params.ts';
import { sliceParamsPart, slicePasses, type Sliced } from './sliceParams.ts';
import { sliceResult } from './sliceResult.ts';
import { sliceStatistics, STATISTICS_BYTES } from './sliceStatistics.ts';
import { normItem, rowMoments } from './snippets.ts';

/** Elements of a part that are worth a workgroup of their own. */
const LEAST_PART = 4096;

/** Parts of a slice: enough to keep a GPU busy, few enough to be read again by all of them. */
const MOST_PARTS = 256;

/** How the rows are cut; or why they are not. */
function slicedOf(problem: NormProblem, caps: Capabilities): Sliced | string {
  const { keptDims, reducedDims, dtype, groups, channels, spatial } = problem;
  const { maxStorageBufferBindingSize: limit, minStorageBufferOffsetAlignment: alignment } = caps.limits;
  const elementBytes = dtypeSizeBytes(dtype);
  const [rows, length] = [gridSize(keptDims), gridSize(reducedDims)];
  if (rows * length * elementBytes <= limit) return 'the tensor can be bound as a whole';
  if (!hasPlainRows(problem)) return 'the elements that are normalised together lie apart';
  if (rows > 1 && (length * elementBytes) % alignment !== 0) return 'rows start where slices cannot';
  const counted = countable(length);
  if (counted !== true) return counted;
  const cutChannels = groups * channels * elementBytes > limit;
  if (cutChannels && spatial > 1)
    return 'scale and bias have several elements a channel, and cannot be bound';
  const ranges = cutAligned(length, [elementBytes], caps);
  if (typeof ranges === 'string') return ranges;
  const longest = ranges[0]![1];
  const most = Math.min(MOST_PARTS, Math.floor(limit / STATISTICS_BYTES / ranges.length));
  if (most < 1) return 'the statistics of all slices might not fit one binding';
  const parts = Math.min(most, ceilDiv(longest, LEAST_PART));
  return { ranges, parts, partLength: ceilDiv(ceilDiv(longest, parts), QUAD) * QUAD, cutChannels };
}

/** Rows that are longer than can be bound: statistics of all slices' parts, and then the results of each slice from those of all. */
export const slices = defineKernel<NormProblem, Config>({
  name: 'norm/slices',
  parts: [
    ...everyAccessPart,
    ...Object.values(groupReduce),
    reduce.sum,
    normItem,
    rowMoments.read,
    sliceParamsPart,
    sliceStatistics.own,
    sliceResult.own,
  ],
  space: {},
  supports(problem, caps) {
    const sliced = slicedOf(problem, caps);
    return typeof sliced === 'string' ? sliced : true;
  },
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const sliced = slicedOf(problem, caps);
    if (typeof sliced === 'string') throw new RangeError(sliced);
    const statisticsOf = slicePasses(problem, sliced, caps, sliceStatistics);
    const resultOf = slicePasses(problem, sliced, caps, sliceResult);
    const passes = Array.from({ length: gridSize(problem.keptDims) }, (_, row) => [
      ...statisticsOf(row),
      ...resultOf(row),
    ]);
    const { ranges, parts } = sliced;
    return { scratchBytes: [ranges.length * parts * STATISTICS_BYTES], passes: passes.flat() };
  },
});
