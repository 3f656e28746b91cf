import type { SoftmaxProblem } from '../../reference/softmax.ts';
import { input, output } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { defineKernel, foldWorkgroups } from '../define.ts';
import { elementAliases, expOrNan, pairAccess, reduce, workgroupIndex } from '../lib.ts';
import { softmaxGradient } from './snippets.ts';
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
import { softmaxExtensions } from '../softmax/contract.ts';
import { paramsPart, QUAD, softmaxParams } from '../softmax/params.ts';
import { part } from '../../wgsl/part.ts';
import { softmaxBackwardTexts } from '../texts.ts';

const source = part(softmaxBackwardTexts, 'softmaxBackward/row');

/** Pairs of quads that an invocation keeps: 32 numbers, half of the registers that a GPU has for it at full occupancy. */
const MAX_ITEMS = 4;

/** Rows without gaps, read once where the invocations that share a row can keep it in registers. */
export const row = defineKernel<SoftmaxProblem, RowConfig>({
  name: 'softmaxBackward/row',
  parts: [
    paramsPart,
    workgroupIndex,
    expOrNan,
    reduce.sum,
    source,
    ...Object.values<ShaderPart>(pairAccess),
    ...Object.values<ShaderPart>(softmaxGradient),
    ...everyRowPart,
  ],
  space: ROW_SPACE,
  supports({ length, inner }) {
    return inner === 1 ? rowSupports(length) : 'the elements of a row lie apart';
  },
  legal: (config, { length }, caps) => rowLegal(config, length, MAX_ITEMS, caps),
  heuristic: ({ length, dtype }, caps) => rowHeuristic(length, dtype, MAX_ITEMS, caps),
  plan(problem, config, caps) {
    const { log, dtype, outer, length } = problem;
    const shared = rowShader(config, length, caps);
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'softmaxBackward/row',
          shader: {
            extensions: [...softmaxExtensions(problem), ...shared.extensions],
            aliases: elementAliases(dtype),
            constants: shared.constants,
            parts: [
              paramsPart,
              workgroupIndex,
              expOrNan,
              pairAccess[length % QUAD === 0 ? 'aligned' : 'scalar'],
              log ? softmaxGradient.log : softmaxGradient.share,
              ...shared.parts,
              reduce.sum,
              source,
            ],
          },
          params: softmaxParams(problem),
          bindings: [input(0), input(1), output(0)],
          workgroups: foldWorkgroups(rowWorkgroups(config, outer), caps),
        },
      ],
    };
  },
});
