import { isQuantized, type MatmulProblem } from '../../reference/matmul.ts';
import { CODINGS } from '../../reference/coding.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { ceilDiv, defineKernel, type Config } from '../define.ts';
import { groupReduce, groupReduceRuns, groupReduceShader, type GroupConfig } from '../invocationGroups.ts';
import { LAST_CACHE_BYTES } from '../processor.ts';
import { dot8, pieceB } from './snippets.ts';
import { productPlan, tileCount } from './combine.ts';
import { fewRows, rowsAtOnce, withFewRows, worthwhileForFewRows } from './fewRows.ts';
import { everyIntegerPart, everyMatmulPart, matmulShader, ofIntegers, productParts } from './shader.ts';
import { part } from '../../wgsl/part.ts';
import { matmulTexts } from '../texts.ts';

/** A group of `lanes` invocations makes 4 columns of `vectors` rows. */
interface VectorDotConfig extends GroupConfig, Config {
  readonly workgroupSize: number;
  readonly lanes: number;
  readonly vectors: number;
  readonly subgroups: boolean;
}

const source = part(matmulTexts, 'matmul/vectorDot');

/** Columns of a group, as in the shader. */
const COLUMNS = 4;

/** Elements that an invocation takes at a time: eight, or 16 bytes of quantised weights. */
const pieceLength = ({ b }: MatmulProblem): number => (isQuantized(b) ? 128 / CODINGS[b.dtype].bits : 8);

const VECTORS = [1, 2, 4, 8] as const;

/** Invocations that keep enough loads in flight on a large GPU. */
const ENOUGH_INVOCATIONS = 32_768;

/**
 * A processor walks lines best that few lanes share. Elements that need no decoding come from memory as fast as it gives them, and it
 * gives most where all lanes walk lines of their own.
 */
function lanesOfProcessor({ n, k, b }: MatmulProblem): number {
  return b.dtype === 'f32' && n * k * dtypeSizeBytes(b.dtype) > LAST_CACHE_BYTES ? 1 : 4;
}

/** One row, or few, by a matrix whose lines run along k: the decode step of a language model. */
export const vectorDot = defineKernel<MatmulProblem, VectorDotConfig>({
  name: 'matmul/vectorDot',
  parts: [
    source,
    ...[dot8, groupReduce, pieceB].flatMap((parts) => Object.values(parts)),
    ...everyIntegerPart,
    ...everyMatmulPart,
  ],
  space: {
    workgroupSize: [64, 128, 256],
    lanes: [1, 2, 4, 8, 16, 32, 64],
    vectors: VECTORS,
    subgroups: [false, true],
  },
  supports(original) {
    const rows = withFewRows(original);
    if (typeof rows === 'string') return rows;
    return rows.problem.b.transposed || 'the lines of the matrix run along the result, not along the sum';
  },
  worthwhile: worthwhileForFewRows,
  legal: (config, _problem, caps) => groupReduceRuns(config, caps),
  heuristic(original, caps) {
    const { problem } = fewRows(original);
    const groups = tileCount(problem, VECTORS.at(-1)!, COLUMNS);
    const mostLanes = caps.software ? lanesOfProcessor(problem) : 64;
    let lanes = Math.min(4, mostLanes);
    // Two rounds of loads each at least; beyond 32 only if the GPU would not be busy otherwise.
    while (
      2 * lanes <= mostLanes &&
      problem.k >= 2 * (2 * lanes) * pieceLength(problem) &&
      (lanes < 32 || groups * lanes < ENOUGH_INVOCATIONS)
    )
      lanes *= 2;
    const workgroupSize = caps.software ? 64 : Math.max(lanes, 128);
    const config = { workgroupSize, lanes, vectors: rowsAtOnce(problem.m, VECTORS) };
    return { ...config, subgroups: groupReduceRuns({ ...config, subgroups: true }, caps) };
  },
  plan(original, config, caps) {
    const { problem, turned } = fewRows(original);
    const group = groupReduceShader(config, caps);
    const groups = tileCount(problem, config.vectors, COLUMNS);
    const shader = matmulShader(problem, { a: 8, b: 8 });
    const piece = pieceB[isQuantized(problem.b) ? 'blocks' : 'plain'];
    return productPlan(
      problem,
      {
        label: 'matmul/vectorDot',
        shader: {
          ...shader,
          extensions: [...shader.extensions, ...group.extensions],
          aliases: { ...shader.aliases, Eight: ofIntegers(problem) ? 'vec2<u32>' : 'mat2x4<f32>' },
          constants: { ...shader.constants, VECTORS: config.vectors, ...group.constants },
          parts: [...shader.parts, piece, ...productParts(problem, dot8, caps), group.part, source],
        },
        workgroups: ceilDiv(groups, config.workgroupSize / config.lanes),
        slices: 1,
        turned,
      },
      caps,
    );
  },
});
