import type { SoftmaxProblem } from '../../reference/softmax.ts';
import { input, output } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { expOrNan, workgroupIndex } from '../lib.ts';
import { softmaxGradient } from './snippets.ts';
import { softmaxExtensions } from '../softmax/contract.ts';
import { paramsPart, softmaxParams } from '../softmax/params.ts';
import { part } from '../../wgsl/part.ts';
import { softmaxBackwardTexts } from '../texts.ts';

/** As in the shader. */
const WORKGROUP_SIZE = 64;

const source = part(softmaxBackwardTexts, 'softmaxBackward/naive');
const parts = [paramsPart, workgroupIndex, expOrNan, source];

/** One invocation a row: the slowest kernel, and the one that runs everything. */
export const naive = defineKernel<SoftmaxProblem, Config>({
  name: 'softmaxBackward/naive',
  parts: [...parts, ...Object.values<ShaderPart>(softmaxGradient)],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'softmaxBackward/naive',
          shader: {
            extensions: softmaxExtensions(problem),
            aliases: { Elem: problem.dtype },
            parts: [...parts, problem.log ? softmaxGradient.log : softmaxGradient.share],
          },
          params: softmaxParams(problem),
          bindings: [input(0), input(1), output(0)],
          workgroups: foldWorkgroups(ceilDiv(problem.outer * problem.inner, WORKGROUP_SIZE), caps),
        },
      ],
    };
  },
});
