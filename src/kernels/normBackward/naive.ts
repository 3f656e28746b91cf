import { gridSize } from '../../reference/grids.ts';
import type { NormBackwardProblem } from '../../reference/norm.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { broadcast } from '../lib.ts';
import { normParams } from '../norm/params.ts';
import { accessBindings, accessShader, backwardPlan, everySharedPart } from './plan.ts';
import { part } from '../../wgsl/part.ts';
import { normBackwardTexts } from '../texts.ts';

/** As in the shader. */
const WORKGROUP_SIZE = 64;

const source = part(normBackwardTexts, 'normBackward/naive');

/** One invocation a row: the slowest kernel, and the one that runs everything. */
export const naive = defineKernel<NormBackwardProblem, Config>({
  name: 'normBackward/naive',
  parts: [...everySharedPart, broadcast, source],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const shader = accessShader(problem, 'scalar');
    const first = {
      label: 'normBackward/naive',
      shader: { ...shader, parts: [...shader.parts, broadcast, source] },
      params: normParams(problem),
      bindings: accessBindings(problem),
      workgroups: foldWorkgroups(Math.max(1, ceilDiv(gridSize(problem.keptDims), WORKGROUP_SIZE)), caps),
    };
    return backwardPlan(first, problem, caps);
  },
});
