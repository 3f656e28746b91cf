import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import { whyNotInVectors } from '../attention/contract.ts';
import { featureParts } from '../attention/score.ts';
import { defineKernel, type Config } from '../define.ts';
import { forwardStatisticsParts } from './forwardStatistics.ts';
import { gradientPlan, type GradientPasses } from './pass.ts';
import { statistics } from './snippets.ts';
import { tileKeysParts, tileKeysPass } from './tileKeys.ts';
import { tileQueriesParts, tileQueriesPass } from './tileQueries.ts';
import { tileStatisticsParts, tileStatisticsPass } from './tileStatistics.ts';

/** Rows of dK and dV that four keys have in registers: 128 for heads of this size. */
const LARGEST_HEAD = 128;

export const tilePasses: GradientPasses = {
  statistics: tileStatisticsPass,
  queries: tileQueriesPass,
  keys: tileKeysPass,
};

/** A workgroup for 32 rows of each gradient, in registers; otherwise as `rows`. */
export const tiles = defineKernel<BackwardProblem, Config>({
  name: 'attentionBackward/tiles',
  parts: [
    ...featureParts,
    ...Object.values(statistics),
    ...forwardStatisticsParts,
    ...tileStatisticsParts,
    ...tileQueriesParts,
    ...tileKeysParts,
  ],
  space: {},
  supports: (problem) => whyNotInVectors(problem, LARGEST_HEAD) ?? true,
  legal: () => true,
  heuristic: () => ({}),
  plan: (problem, _config, caps) => gradientPlan(problem, caps, tilePasses),
});
