import type { SoftmaxProblem } from '../../reference/softmax.ts';
import { input, output } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { expOrNan, workgroupIndex } from '../lib.ts';
import { softmaxResult } from './snippets.ts';
import { softmaxExtensions } from './contract.ts';
import { paramsPart, resultPart, softmaxParams } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { softmaxTexts } from '../texts.ts';

/** As in the shader. */
const WORKGROUP_SIZE = 64;

const source = part(softmaxTexts, 'softmax/naive');
const parts = [paramsPart, workgroupIndex, expOrNan, source];

/** One invocation a row: the slowest kernel, and the one that runs everything. */
export const naive = defineKernel<SoftmaxProblem, Config>({
  name: 'softmax/naive',
  parts: [...parts, ...Object.values<ShaderPart>(softmaxResult)],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'softmax/naive',
          shader: {
            extensions: softmaxExtensions(problem),
            aliases: { Elem: problem.dtype },
            parts: [...parts, resultPart(problem)],
          },
          params: softmaxParams(problem),
          bindings: [input(0), output(0)],
          workgroups: foldWorkgroups(ceilDiv(problem.outer * problem.inner, WORKGROUP_SIZE), caps),
        },
      ],
    };
  },
});
