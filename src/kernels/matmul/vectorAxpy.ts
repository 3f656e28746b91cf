import type { MatmulProblem } from '../../reference/matmul.ts';
import { defineKernel } from '../define.ts';
import { addLines } from './snippets.ts';
import { productPlan, tileCount } from './combine.ts';
import { fewRows, rowsAtOnce, withFewRows, worthwhileForFewRows } from './fewRows.ts';
import { everyIntegerPart, everyMatmulPart, matmulShader, productParts } from './shader.ts';
import { part } from '../../wgsl/part.ts';
import { matmulTexts } from '../texts.ts';

/** A workgroup makes 8 `lanes` columns of `vectors` rows, and cuts k into `slices`. */
type VectorAxpyConfig = {
  readonly lanes: number;
  readonly slices: number;
  readonly vectors: number;
};

const source = part(matmulTexts, 'matmul/vectorAxpy');

/** Columns of an invocation, and lines that it adds up at a time, as in the shader. */
const COLUMNS = 8;
const LINES = 4;

const VECTORS = [1, 2, 4, 8] as const;

/** The sums of all invocations, of 32 bits each. */
const workgroupBytes = ({ lanes, slices, vectors }: VectorAxpyConfig): number =>
  4 * COLUMNS * vectors * lanes * slices;

/** Workgroups that keep a large GPU busy, one for each of about 130 cores. */
const ENOUGH_WORKGROUPS = 128;

/** One row, or few, by a matrix whose lines run along the result. */
export const vectorAxpy = defineKernel<MatmulProblem, VectorAxpyConfig>({
  name: 'matmul/vectorAxpy',
  parts: [source, ...Object.values(addLines), ...everyIntegerPart, ...everyMatmulPart],
  space: { lanes: [4, 8, 16, 32], slices: [1, 2, 4, 8, 16, 32, 64], vectors: VECTORS },
  supports(original) {
    const rows = withFewRows(original);
    if (typeof rows === 'string') return rows;
    if (original.gated) return 'the two halves of a gated product lie apart in the lines of the matrix';
    return !rows.problem.b.transposed || 'the lines of the matrix run along the sum, not along the result';
  },
  worthwhile: worthwhileForFewRows,
  legal: (config, _problem, { limits }) =>
    config.lanes * config.slices <= limits.maxComputeInvocationsPerWorkgroup &&
    workgroupBytes(config) <= limits.maxComputeWorkgroupStorageSize,
  heuristic(original, caps) {
    const { problem } = fewRows(original);
    const vectors = rowsAtOnce(problem.m, VECTORS);
    const columnGroups = tileCount(problem, vectors, COLUMNS);
    let lanes = 4;
    while (lanes < 32 && columnGroups >= 2 * lanes * ENOUGH_WORKGROUPS) lanes *= 2;
    let slices = 1;
    const mostSlices = caps.software ? 2 : 256 / lanes;
    const fits = (config: VectorAxpyConfig): boolean =>
      workgroupBytes(config) <= caps.limits.maxComputeWorkgroupStorageSize;
    while (
      slices < mostSlices &&
      problem.k >= 4 * slices * LINES &&
      fits({ lanes, slices: 2 * slices, vectors })
    )
      slices *= 2;
    return { lanes, slices, vectors };
  },
  plan(original, config, caps) {
    const { problem, turned } = fewRows(original);
    const { lanes, slices, vectors } = config;
    const shader = matmulShader(problem, { a: 4, b: 8 });
    return productPlan(
      problem,
      {
        label: 'matmul/vectorAxpy',
        shader: {
          ...shader,
          constants: { ...shader.constants, LANES: lanes, SLICES: slices, VECTORS: vectors },
          parts: [...shader.parts, ...productParts(problem, addLines, caps), source],
        },
        workgroups: tileCount(problem, vectors, COLUMNS * lanes),
        slices: 1,
        turned,
      },
      caps,
    );
  },
});
