import type { SortProblem } from '../../reference/sort.ts';
import { input } from '../../runtime/plan.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { everySortPart, resultBindings, sortParams, sortShader } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { sortTexts } from '../texts.ts';

/** As in the shader. */
const WORKGROUP_SIZE = 64;

const source = part(sortTexts, 'sort/naive');

/** One invocation an element, which counts what comes before it: the slowest kernel, and the one that runs everything. */
export const naive = defineKernel<SortProblem, Config>({
  name: 'sort/naive',
  parts: [...everySortPart, source],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const { outer, length, inner } = problem;
    const shader = sortShader(problem, 'elements');
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'sort/naive',
          shader: { ...shader, parts: [...shader.parts, source] },
          params: sortParams(problem),
          bindings: [input(0), ...resultBindings(problem)],
          workgroups: foldWorkgroups(ceilDiv(outer * length * inner, WORKGROUP_SIZE), caps),
        },
      ],
    };
  },
});
