import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import { DECODE_QUERIES } from '../../reference/attention.ts';
import { whyNoMatrices } from '../attention/matrices.ts';
import { featureParts } from '../attention/score.ts';
import { defineKernel } from '../define.ts';
import { forwardStatisticsParts } from './forwardStatistics.ts';
import { matrixLegal, MATRIX_SPACE, preferredMatrices, type MatrixConfig } from './matrixBlock.ts';
import { matrixKeysParts, matrixKeysPass } from './matrixKeys.ts';
import { matrixQueriesParts, matrixQueriesPass } from './matrixQueries.ts';
import { gradientPlan } from './pass.ts';
import { statistics } from './snippets.ts';
import { tileStatisticsParts, tileStatisticsPass } from './tileStatistics.ts';

/**
 * On tensor cores: as `tiles`, but for the products, of which the second are of dS and weights in halves. The statistics
 * of rows are made as there, if the forward pass does not give them.
 */
export const matrices = defineKernel<BackwardProblem, MatrixConfig>({
  name: 'attentionBackward/matrices',
  parts: [
    ...featureParts,
    ...Object.values(statistics),
    ...forwardStatisticsParts,
    ...tileStatisticsParts,
    ...matrixQueriesParts,
    ...matrixKeysParts,
  ],
  space: MATRIX_SPACE,
  supports(problem, caps) {
    const why = whyNoMatrices(problem, caps);
    if (why !== undefined) return why;
    return (
      preferredMatrices(problem, caps) !== undefined ||
      'heads of this size do not fit into registers and workgroup memory'
    );
  },
  worthwhile({ seqLenQ }, caps) {
    if (caps.software) return 'a software adapter multiplies faster without subgroup matrices';
    if (seqLenQ <= DECODE_QUERIES) return 'so few queries leave most of a matrix empty';
    return true;
  },
  legal: matrixLegal,
  heuristic: (problem, caps) => preferredMatrices(problem, caps)!,
  plan: (problem, config, caps) =>
    gradientPlan(problem, caps, {
      statistics: tileStatisticsPass,
      queries: (part, ofAdapter, joined) => matrixQueriesPass(part, ofAdapter, joined, config),
      keys: (part, ofAdapter, joined) => matrixKeysPass(part, ofAdapter, joined, config),
    }),
});
