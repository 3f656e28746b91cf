import { gridSize } from '../../reference/grids.ts';
import type { NormBackwardProblem } from '../../reference/norm.ts';
import { defineKernel, foldWorkgroups } from '../define.ts';
import { sumPair } from './snippets.ts';
import { hasPlainRows, normParams, QUAD } from '../norm/params.ts';
import { rowMoments } from '../norm/snippets.ts';
import {
  everyRowPart,
  ROW_SPACE,
  rowHeuristic,
  rowLegal,
  rowShader,
  rowSupports,
  rowWorkgroups,
  type RowConfig,
} from '../rowConfig.ts';
import { accessBindings, accessShader, backwardPlan, everySharedPart } from './plan.ts';
import { part } from '../../wgsl/part.ts';
import { normBackwardTexts } from '../texts.ts';

const source = part(normBackwardTexts, 'normBackward/row');

/** Pairs of quads that an invocation keeps: 32 numbers, half of the registers that a GPU has for it at full occupancy. */
const MAX_ITEMS = 4;

const lengthOf = ({ reducedDims }: NormBackwardProblem): number => gridSize(reducedDims);

/** Rows without gaps, read once for dx where the invocations that share a row can keep it in registers. */
export const row = defineKernel<NormBackwardProblem, RowConfig>({
  name: 'normBackward/row',
  parts: [...everySharedPart, ...everyRowPart, ...Object.values(rowMoments), sumPair, source],
  space: ROW_SPACE,
  supports(problem) {
    if (!hasPlainRows(problem)) return 'the elements that are normalised together lie apart';
    if (lengthOf(problem) * gridSize(problem.keptDims) === 0) return 'there is nothing to normalise';
    return rowSupports(lengthOf(problem));
  },
  legal: (config, problem, caps) => rowLegal(config, lengthOf(problem), MAX_ITEMS, caps),
  heuristic: (problem, caps) => rowHeuristic(lengthOf(problem), problem.dtype, MAX_ITEMS, caps),
  plan(problem, config, caps) {
    const access = accessShader(problem, lengthOf(problem) % QUAD === 0 ? 'aligned' : 'scalar');
    const shared = rowShader(config, lengthOf(problem), caps);
    const first = {
      label: 'normBackward/row',
      shader: {
        ...access,
        extensions: [...access.extensions, ...shared.extensions],
        constants: { ...access.constants, ...shared.constants },
        parts: [...access.parts, ...shared.parts, sumPair, rowMoments[config.kept ? 'kept' : 'read'], source],
      },
      params: normParams(problem),
      bindings: accessBindings(problem),
      workgroups: foldWorkgroups(rowWorkgroups(config, gridSize(problem.keptDims)), caps),
    };
    return backwardPlan(first, problem, caps);
  },
});
