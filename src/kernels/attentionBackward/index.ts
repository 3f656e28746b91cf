import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import { whyNotInVectors } from '../attention/contract.ts';
import { featureParts } from '../attention/score.ts';
import { defineKernel, type Config, type Operation } from '../define.ts';
import { NO_MATRICES } from '../lib.ts';
import { kernelOnDemand } from '../onDemand.ts';
import { attentionBackwardContract } from './contract.ts';
import { forwardStatisticsParts } from './forwardStatistics.ts';
import { keysParts, keysPass } from './keys.ts';
import { gradientPlan } from './pass.ts';
import { statistics } from './snippets.ts';
import { queriesParts, queriesPass } from './queries.ts';
import { statisticsParts, statisticsPass } from './statistics.ts';
import { tileKeysParts, tileKeysPass } from './tileKeys.ts';
import { tileQueriesParts, tileQueriesPass } from './tileQueries.ts';
import { tileStatisticsParts, tileStatisticsPass } from './tileStatistics.ts';

/**
 * A workgroup for 64 columns of a row of each gradient, each sum in one order. Scores are made anew in every pass, never
 * stored: scratch is eight bytes a query.
 */
const rows = defineKernel<BackwardProblem, Config>({
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
  plan: (problem, _config, caps) => gradientPlan(problem, caps, statisticsPass, [queriesPass, keysPass]),
});

/** Rows of dK and dV that four keys have in registers: 128 for heads of this size. */
const LARGEST_HEAD = 128;

/** A workgroup for 32 rows of each gradient, in registers; otherwise as `rows`. */
const tiles = defineKernel<BackwardProblem, Config>({
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
  plan: (problem, _config, caps) =>
    gradientPlan(problem, caps, tileStatisticsPass, [tileQueriesPass, tileKeysPass]),
});

const matrices = kernelOnDemand(
  'attentionBackward/matrices',
  'matrices',
  async () => (await import('./matrices.ts')).matrices,
  NO_MATRICES,
);

/** Gradients of attention; the order of the kernels is the order of preference. */
export const attentionBackwardOperation: Operation<BackwardProblem> = {
  ...attentionBackwardContract,
  kernels: [matrices, tiles, rows],
};
