import type { MatmulProblem } from '../../reference/matmul.ts';
import { batchCount } from '../../reference/matmul.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { broadcast, workgroupIndex } from '../lib.ts';
import { epilogueParts, everyEpiloguePart } from './epilogue.ts';
import { matmulBindings, matmulExtensions } from './contract.ts';
import { matmulParams, paramsPart } from './params.ts';
import naiveSource from '../../../shaders/matmul/naive.wgsl?raw';

/** Side of the square of c that a workgroup makes; `TILE` in the shader. */
const TILE = 16;

const source: ShaderPart = { path: 'matmul/naive.wgsl', code: naiveSource };

/** One invocation an element: the slowest kernel, and the one that runs everything. */
export const naive = defineKernel<MatmulProblem, Config>({
  name: 'matmul/naive',
  parts: [paramsPart, broadcast, workgroupIndex, source, ...everyEpiloguePart],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const tiles = batchCount(problem) * ceilDiv(problem.m, TILE) * ceilDiv(problem.n, TILE);
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'matmul/naive',
          shader: {
            extensions: matmulExtensions(problem),
            aliases: { Elem: problem.dtype },
            parts: [paramsPart, broadcast, workgroupIndex, ...epilogueParts(problem), source],
          },
          params: matmulParams(problem),
          bindings: matmulBindings(problem),
          workgroups: foldWorkgroups(tiles, caps),
        },
      ],
    };
  },
});
