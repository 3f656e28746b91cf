import { gridSize } from '../../reference/grids.ts';
import type { NormProblem } from '../../reference/norm.ts';
import { defineKernel, type Config } from '../define.ts';
import { everyAccessPart } from './params.ts';
import { everySlicePart, slicePasses } from './sliceParams.ts';
import { sliceResult, sliceResultParts } from './sliceResult.ts';
import { sliceStatistics, sliceStatisticsParts } from './sliceStatistics.ts';
import { sliceTotals, sliceTotalsParts, TOTALS_BYTES } from './sliceTotals.ts';
import { accessOf, inRounds, partCount, rowSlicesOf, STATISTICS_BYTES } from './slicing.ts';

/** Rows that are longer than can be bound, alone or together: statistics of all slices' parts, totals of each row, the results of each slice. */
export const slices = defineKernel<NormProblem, Config>({
  name: 'norm/slices',
  parts: [
    ...everyAccessPart,
    ...everySlicePart,
    ...sliceStatisticsParts,
    ...sliceTotalsParts,
    ...sliceResultParts,
  ],
  space: {},
  supports(problem, caps) {
    const cut = rowSlicesOf(problem, caps);
    return typeof cut === 'string' ? cut : true;
  },
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const cut = rowSlicesOf(problem, caps);
    if (typeof cut === 'string') throw new RangeError(cut);
    const access = accessOf(cut);
    const statistics = slicePasses(problem, cut, caps, sliceStatistics(problem, access, 0));
    const totals = sliceTotals(problem, cut, caps, 0, 1);
    const result = slicePasses(problem, cut, caps, sliceResult(problem, access, 1));
    return {
      scratchBytes: [partCount(cut) * STATISTICS_BYTES, gridSize(problem.keptDims) * TOTALS_BYTES],
      passes: Array.from({ length: cut.units }, (_, unit) => [
        ...inRounds(cut, statistics(unit), totals(unit)),
        ...result(unit),
      ]).flat(),
    };
  },
});
