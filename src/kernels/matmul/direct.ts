import type { MatmulProblem } from '../../reference/matmul.ts';
import { ceilDiv, defineKernel, powerOfTwo } from '../define.ts';
import { block, blockProducts } from './snippets.ts';
import { productPlan, tileCount } from './combine.ts';
import { everyIntegerPart, everyMatmulPart, matmulShader, ofIntegers, productParts } from './shader.ts';
import { part } from '../../wgsl/part.ts';
import { matmulTexts } from '../texts.ts';

/** Rows of an invocation, and how many invocations of a workgroup there are along m and along n. */
type DirectConfig = { readonly threadM: number; readonly lanesM: number; readonly lanesN: number };

const source = part(matmulTexts, 'matmul/direct');

/** Columns of an invocation, as in the shader. */
const COLUMNS = 4;

/** Beyond these a GPU is faster out of workgroup memory. */
const SMALL = { m: 32, n: 64 };

/** Sums in registers straight from memory: small products in any number, and all products on processors. */
export const direct = defineKernel<MatmulProblem, DirectConfig>({
  name: 'matmul/direct',
  parts: [source, block.b, ...Object.values(blockProducts), ...everyIntegerPart, ...everyMatmulPart],
  space: { threadM: [1, 2, 4, 8, 16], lanesM: [1, 2, 4, 8, 16], lanesN: [1, 2, 4, 8, 16, 32, 64] },
  supports({ a, b, gated }) {
    if (a.transposed) return 'a is transposed, so that its rows are scattered';
    return !gated || b.transposed || 'a gated product needs b stored as [n, k]';
  },
  worthwhile: ({ m, n }, caps) =>
    caps.software ||
    (m <= SMALL.m && n <= SMALL.n) ||
    `with more than ${SMALL.m} rows or ${SMALL.n} columns it pays to share operands in workgroup memory`,
  legal: ({ lanesM, lanesN }, _problem, { limits }) =>
    lanesM * lanesN <= Math.min(256, limits.maxComputeInvocationsPerWorkgroup),
  heuristic({ m, n }, caps) {
    const lanesN = Math.min(16, powerOfTwo(ceilDiv(n, COLUMNS)));
    // A processor keeps 16 rows in its registers, or at hand, and likes every lane to read the same of a.
    if (caps.software)
      return { threadM: Math.min(16, powerOfTwo(m)), lanesM: 1, lanesN: Math.max(8, lanesN) };
    const threadM = m <= 4 ? 1 : m <= 16 ? 2 : 4;
    return { threadM, lanesM: Math.min(8, powerOfTwo(ceilDiv(m, threadM))), lanesN };
  },
  plan(problem, { threadM, lanesM, lanesN }, caps) {
    const shader = matmulShader(problem, { a: 4, b: 4 });
    return productPlan(
      problem,
      {
        label: 'matmul/direct',
        shader: {
          ...shader,
          aliases: { ...shader.aliases, ...(!ofIntegers(problem) && { Sum: 'f32' }) },
          constants: {
            ...shader.constants,
            THREAD_M: threadM,
            LANES_M: lanesM,
            LANES_N: lanesN,
            B_ALONG_K: problem.b.transposed,
          },
          parts: [...shader.parts, ...productParts(problem, blockProducts, caps), block.b, source],
        },
        workgroups: tileCount(problem, lanesM * threadM, lanesN * COLUMNS),
        slices: 1,
      },
      caps,
    );
  },
});
