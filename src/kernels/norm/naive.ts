import { gridSize } from '../../reference/grids.ts';
import type { NormProblem } from '../../reference/norm.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { broadcast } from '../lib.ts';
import { accessBindings, accessShader, everyAccessPart, normParams } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { normTexts } from '../texts.ts';

/** As in the shader. */
const WORKGROUP_SIZE = 64;

const source = part(normTexts, 'norm/naive');

/** One invocation a row: the slowest kernel, and the one that runs everything. */
export const naive = defineKernel<NormProblem, Config>({
  name: 'norm/naive',
  parts: [...everyAccessPart, broadcast, source],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const shader = accessShader(problem, 'scalar');
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'norm/naive',
          shader: { ...shader, parts: [...shader.parts, broadcast, source] },
          params: normParams(problem),
          bindings: accessBindings(problem),
          workgroups: foldWorkgroups(ceilDiv(gridSize(problem.keptDims), WORKGROUP_SIZE), caps),
        },
      ],
    };
  },
});
