import { batchCount, type MatmulProblem } from '../../reference/matmul.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { matmulParams } from './params.ts';
import { everyMatmulPart, matmulBindings, matmulShader } from './shader.ts';
import naiveSource from '../../../shaders/matmul/naive.wgsl?raw';

/** Rows and columns of c that a workgroup makes, as in the shader. */
const ROWS = 16;
const COLUMNS = 64;

const source: ShaderPart = { path: 'matmul/naive.wgsl', code: naiveSource };

/** One invocation four elements: the slowest kernel, and the one that runs everything. */
export const naive = defineKernel<MatmulProblem, Config>({
  name: 'matmul/naive',
  parts: [source, ...everyMatmulPart],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const tiles = batchCount(problem) * ceilDiv(problem.m, ROWS) * ceilDiv(problem.n, COLUMNS);
    const shader = matmulShader(problem, { a: 1, b: 1 });
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'matmul/naive',
          shader: { ...shader, parts: [...shader.parts, source] },
          params: matmulParams(problem),
          bindings: matmulBindings(problem),
          workgroups: foldWorkgroups(tiles, caps),
        },
      ],
    };
  },
});
