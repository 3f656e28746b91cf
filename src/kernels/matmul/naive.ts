import type { MatmulProblem } from '../../reference/matmul.ts';
import { defineKernel, type Config } from '../define.ts';
import { productPlan, tileCount } from './combine.ts';
import { everyMatmulPart, matmulShader } from './shader.ts';
import { part } from '../../wgsl/part.ts';
import { matmulTexts } from '../texts.ts';

/** Rows and columns of c that a workgroup makes, as in the shader. */
const ROWS = 16;
const COLUMNS = 64;

const source = part(matmulTexts, 'matmul/naive');

/** One invocation four elements: the slowest kernel, and the one that runs everything. */
export const naive = defineKernel<MatmulProblem, Config>({
  name: 'matmul/naive',
  parts: [source, ...everyMatmulPart],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const shader = matmulShader(problem, { a: 1, b: 1 });
    return productPlan(
      problem,
      {
        label: 'matmul/naive',
        shader: { ...shader, parts: [...shader.parts, source] },
        workgroups: tileCount(problem, ROWS, COLUMNS),
        slices: 1,
      },
      caps,
    );
  },
});
