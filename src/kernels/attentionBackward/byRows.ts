import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import { featureParts } from '../attention/score.ts';
import { defineKernel, type Config } from '../define.ts';
import { forwardStatisticsParts } from './forwardStatistics.ts';
import { keysParts, keysPass } from './keys.ts';
import { gradientPlan, type GradientPasses } from './pass.ts';
import { queriesParts, queriesPass } from './queries.ts';
import { statistics } from './snippets.ts';
import { statisticsParts, statisticsPass } from './statistics.ts';

export const rowPasses: GradientPasses = { statistics: statisticsPass, queries: queriesPass, keys: keysPass };

/**
 * A workgroup for 64 columns of a row of each gradient, each sum in one order. Scores are made anew in every pass, never
 * stored: scratch is eight bytes a query.
 */
export const rows = defineKernel<BackwardProblem, Config>({
  name: 'attentionBackward/rows',
  parts: [
    ...featureParts,
    ...Object.values(statistics),
    ...forwardStatisticsParts,
    ...statisticsParts,
    ...queriesParts,
    ...keysParts,
  ],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan: (problem, _config, caps) => gradientPlan(problem, caps, rowPasses),
});
