import { gridSize } from '../../reference/grids.ts';
import type { NormProblem } from '../../reference/norm.ts';
import { defineKernel, foldWorkgroups } from '../define.ts';
import { reduce } from '../lib.ts';
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
import { accessBindings, accessShader, everyAccessPart, hasPlainRows, normParams, QUAD } from './params.ts';
import { normItem, rowMoments } from './snippets.ts';
import { part } from '../../wgsl/part.ts';
import { normTexts } from '../texts.ts';

const source = part(normTexts, 'norm/row');

/** Quads that an invocation keeps: 32 numbers, half of the registers that a GPU has for it at full occupancy. */
const MAX_ITEMS = 8;

const lengthOf = ({ reducedDims }: NormProblem): number => gridSize(reducedDims);

/** Rows without gaps, read once where the invocations that share a row can keep it in registers. */
export const row = defineKernel<NormProblem, RowConfig>({
  name: 'norm/row',
  parts: [...everyAccessPart, ...everyRowPart, ...Object.values(rowMoments), reduce.sum, normItem, source],
  space: ROW_SPACE,
  supports(problem) {
    if (!hasPlainRows(problem)) return 'the elements that are normalised together lie apart';
    if (lengthOf(problem) === 0) return 'there is nothing to normalise';
    return rowSupports(lengthOf(problem));
  },
  legal: (config, problem, caps) => rowLegal(config, lengthOf(problem), MAX_ITEMS, caps),
  heuristic: (problem, caps) => rowHeuristic(lengthOf(problem), problem.dtype, MAX_ITEMS, caps),
  plan(problem, config, caps) {
    const access = accessShader(problem, lengthOf(problem) % QUAD === 0 ? 'aligned' : 'scalar');
    const shared = rowShader(config, lengthOf(problem), caps);
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'norm/row',
          shader: {
            ...access,
            extensions: [...access.extensions, ...shared.extensions],
            constants: { ...access.constants, ...shared.constants },
            parts: [
              ...access.parts,
              ...shared.parts,
              reduce.sum,
              normItem,
              rowMoments[config.kept ? 'kept' : 'read'],
              source,
            ],
          },
          params: normParams(problem),
          bindings: accessBindings(problem),
          workgroups: foldWorkgroups(rowWorkgroups(config, gridSize(problem.keptDims)), caps),
        },
      ],
    };
  },
});
