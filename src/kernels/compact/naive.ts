import type { CompactProblem } from '../../reference/compact.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { allElements, compactBindings, compactParams, compactShader, everyCompactPart } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { compactTexts } from '../texts.ts';

/** As in the shader. */
const WORKGROUP_SIZE = 64;

const source = part(compactTexts, 'compact/naive');

/** One invocation an element, which counts what is kept before it: the slowest kernel, and the one that runs everything. */
export const naive = defineKernel<CompactProblem, Config>({
  name: 'compact/naive',
  parts: [...everyCompactPart, source],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const shader = compactShader(problem);
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'compact/naive',
          shader: { ...shader, parts: [...shader.parts, source] },
          params: compactParams([0, problem.length], [0, problem.length]),
          bindings: compactBindings(allElements(problem)),
          // One at least, which says that there is nothing.
          workgroups: foldWorkgroups(Math.max(1, ceilDiv(problem.length, WORKGROUP_SIZE)), caps),
        },
      ],
    };
  },
});
