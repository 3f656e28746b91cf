import { gridSize } from '../../reference/grids.ts';
import type { NormBackwardProblem } from '../../reference/norm.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { defineKernel, type Config } from '../define.ts';
import { everyAccessPart } from '../norm/params.ts';
import { everySlicePart, slicePasses } from '../norm/sliceParams.ts';
import { sliceStatistics, sliceStatisticsParts } from '../norm/sliceStatistics.ts';
import { sliceTotals, sliceTotalsParts, TOTALS_BYTES } from '../norm/sliceTotals.ts';
import {
  accessOf,
  inRounds,
  partCount,
  rowSlicesOf,
  STATISTICS_BYTES,
  type RowSlices,
} from '../norm/slicing.ts';
import { everySharedPart, PAIR_BYTES } from './plan.ts';
import { sliceGradients, sliceGradientsParts } from './sliceGradients.ts';
import { sliceMeans, sliceMeansParts } from './sliceMeans.ts';
import { sliceResult, sliceResultParts } from './sliceResult.ts';
import { channelPasses, channelSlicesOf, type ChannelSlices } from './slicing.ts';

/** Scratch buffers. The passes for channels have the first two. */
const [TOTALS, STATISTICS, SUMS, MEANS] = [0, 2, 3, 4];

/** How rows and channels are cut; or why they are not. */
function slicedOf(
  problem: NormBackwardProblem,
  caps: Capabilities,
): { readonly slices: RowSlices; readonly channels: ChannelSlices } | string {
  const slices = rowSlicesOf(problem, caps);
  if (typeof slices === 'string') return slices;
  const channels = channelSlicesOf(problem, slices, caps);
  return typeof channels === 'string' ? channels : { slices, channels };
}

/** Rows that are longer than can be bound, alone or together: totals and means of all slices' parts, dx of each slice, and sums for channels. */
export const rowSlices = defineKernel<NormBackwardProblem, Config>({
  name: 'normBackward/rowSlices',
  parts: [
    ...everyAccessPart,
    ...everySharedPart,
    ...everySlicePart,
    ...sliceStatisticsParts,
    ...sliceTotalsParts,
    ...sliceGradientsParts,
    ...sliceMeansParts,
    ...sliceResultParts,
  ],
  space: {},
  supports(problem, caps) {
    const cut = slicedOf(problem, caps);
    return typeof cut === 'string' ? cut : true;
  },
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const cut = slicedOf(problem, caps);
    if (typeof cut === 'string') throw new RangeError(cut);
    const { slices, channels } = cut;
    const access = accessOf(slices);
    // The statistics are those of the norm of x alone.
    const norm = { ...problem, scale: false, bias: false, residual: false, sum: false };
    const statistics = slicePasses(problem, slices, caps, sliceStatistics(norm, access, STATISTICS));
    const totals = sliceTotals(problem, slices, caps, STATISTICS, TOTALS);
    const gradients = slicePasses(problem, slices, caps, sliceGradients(problem, access, TOTALS, SUMS));
    const means = sliceMeans(slices, caps, SUMS, MEANS);
    const result = slicePasses(problem, slices, caps, sliceResult(problem, access, TOTALS, MEANS));
    const passesOf = (unit: number) => [
      ...inRounds(slices, statistics(unit), totals(unit)),
      ...inRounds(slices, gradients(unit), means),
      ...result(unit),
    ];
    return {
      scratchBytes: [
        gridSize(problem.keptDims) * TOTALS_BYTES,
        channels.sumsBytes,
        partCount(slices) * STATISTICS_BYTES,
        partCount(slices) * PAIR_BYTES,
        slices.rows * PAIR_BYTES,
      ],
      passes: [
        ...Array.from({ length: slices.units }, (_, unit) => passesOf(unit)).flat(),
        ...channelPasses(problem, slices, channels, caps),
      ],
    };
  },
});
