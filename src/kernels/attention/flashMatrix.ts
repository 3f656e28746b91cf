import type { AttentionProblem } from '../../reference/attention.ts';
import type { Capabilities, SubgroupMatrixConfig } from '../../runtime/capabilities.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, defineKernel } from '../define.ts';
import { NO_MATRICES, workgroupIndex } from '../lib.ts';
import { subgroupMatrices } from '../subgroupMatrices.ts';
import { DECODE_QUERIES } from './contract.ts';
import { onePassPlan } from './onePass.ts';
import { featureParts } from './score.ts';
import { part } from '../../wgsl/part.ts';
import { attentionMatricesTexts } from '../texts.ts';

type FlashMatrixConfig = {
  /** Subgroups of a workgroup; each makes as many rows of o as a matrix has. */
  readonly subgroups: number;
  /** Keys whose scores are made at once. */
  readonly tileKv: number;
  /** Which of the adapter's sizes of matrices, the largest first. */
  readonly matrix: number;
};

const parts: readonly ShaderPart[] = [workgroupIndex, part(attentionMatricesTexts, 'attention/flashMatrix')];

const matricesOf = (caps: Capabilities): readonly SubgroupMatrixConfig[] =>
  subgroupMatrices(caps, 'f16', 'f32');

/** Elements of a row that matrices cover: rounded up, so that one shader serves heads of neighbouring sizes. */
const covered = (dim: number): number => ceilDiv(dim, 32) * 32;

/** Workgroup memory, array by array as the shader declares it. */
function workgroupBytes(
  { subgroups, tileKv }: FlashMatrixConfig,
  { m, n }: SubgroupMatrixConfig,
  { headDim, headDimV }: AttentionProblem,
  subgroupSize: number,
): number {
  const tileQ = subgroups * m;
  const row = (dim: number): number => 2 * covered(dim) + 16;
  const tile = Math.max(Math.max(tileQ, tileKv) * row(headDim), tileKv * row(headDimV));
  const scores = tileQ * (tileKv + 4) * 4;
  const weights = tileQ * (tileKv + 8) * 2;
  const strip = tileQ * (n + 4) * 4;
  return tile + scores + weights + strip + subgroups * subgroupSize * 4 + 16;
}

/** Sums and queries that an invocation may hold, in registers of 32 bits: of 255, which the rest needs too. */
const MAX_REGISTERS = 192;

function registers(
  { m }: SubgroupMatrixConfig,
  { headDim, headDimV }: AttentionProblem,
  subgroupSize: number,
): number {
  return (m * (covered(headDimV) + covered(headDim) / 2)) / subgroupSize;
}

function legal(config: FlashMatrixConfig, problem: AttentionProblem, caps: Capabilities): boolean {
  const matrix = matricesOf(caps)[config.matrix];
  if (!matrix || !caps.subgroups) return false;
  const size = caps.subgroups.maxSize;
  return (
    size % matrix.m === 0 &&
    config.tileKv % matrix.n === 0 &&
    config.tileKv % matrix.k === 0 &&
    32 % matrix.n === 0 &&
    32 % matrix.k === 0 &&
    config.subgroups * size <= caps.limits.maxComputeInvocationsPerWorkgroup &&
    registers(matrix, problem, size) <= MAX_REGISTERS &&
    workgroupBytes(config, matrix, problem, size) <= caps.limits.maxComputeWorkgroupStorageSize
  );
}

/** The larger the tiles, the less often keys are read and invocations wait for each other; the best first. */
const PREFERRED: readonly Omit<FlashMatrixConfig, 'matrix'>[] = [
  { subgroups: 4, tileKv: 64 },
  { subgroups: 4, tileKv: 32 },
  { subgroups: 2, tileKv: 32 },
  { subgroups: 2, tileKv: 16 },
];

function preferred(problem: AttentionProblem, caps: Capabilities): FlashMatrixConfig | undefined {
  // A software adapter gains nothing from large tiles, and translates small ones sooner.
  const candidates = caps.software ? PREFERRED.toReversed() : PREFERRED;
  return matricesOf(caps)
    .flatMap((_, matrix) => candidates.map((tiles) => ({ ...tiles, matrix })))
    .find((config) => legal(config, problem, caps));
}

/** FlashAttention on tensor cores: half precision, sums in f32. */
export const flashMatrix = defineKernel<AttentionProblem, FlashMatrixConfig>({
  name: 'attention/flashMatrix',
  parts: [...featureParts, ...parts],
  space: {
    subgroups: [2, 4, 8],
    tileKv: [16, 32, 64],
    matrix: [0, 1, 2],
  },
  supports(problem, caps) {
    if (problem.dtype !== 'f16') return 'tensor cores multiply half precision, and f32 must not lose digits';
    if (problem.quantised)
      return 'keys and values are quantised, and tensor cores are given them as they lie in memory';
    if (problem.seqLenKv === 0) return 'there are no keys';
    if (problem.headDim % 8 !== 0 || problem.headDimV % 8 !== 0) {
      const sizes = `${problem.headDim} and ${problem.headDimV}`;
      return `rows are read eight elements at a time, and heads of ${sizes} elements are no multiple of that`;
    }
    if (matricesOf(caps).length === 0) return `${NO_MATRICES} of f16 with sums in f32`;
    if (!caps.subgroups || caps.subgroups.minSize !== caps.subgroups.maxSize) {
      return 'the size of subgroups is not fixed on this adapter';
    }
    if (!caps.wgslFeatures.includes('subgroup_id')) return 'this adapter does not number its subgroups';
    return (
      preferred(problem, caps) !== undefined ||
      'heads of this size do not fit into registers and workgroup memory'
    );
  },
  worthwhile(problem, caps) {
    if (caps.software) return 'a software adapter multiplies faster without subgroup matrices';
    if (problem.seqLenQ <= DECODE_QUERIES) return `so few queries leave most of a matrix empty`;
    return true;
  },
  legal,
  heuristic: (problem, caps) => preferred(problem, caps)!,
  plan(problem, config, caps) {
    const matrix = matricesOf(caps)[config.matrix]!;
    return onePassPlan(problem, caps, {
      label: 'attention/flashMatrix',
      reads: 'matrices',
      width: 8,
      extensions: ['f16', 'subgroups', 'chromium_experimental_subgroup_matrix'],
      constants: {
        SUBGROUPS: config.subgroups,
        SUBGROUP_SIZE: caps.subgroups!.maxSize,
        MATRIX_M: matrix.m,
        MATRIX_N: matrix.n,
        MATRIX_K: matrix.k,
        TILE_KV: config.tileKv,
        HEAD: covered(problem.headDim),
        VALUE: covered(problem.headDimV),
      },
      parts,
      tiles: problem.batch * problem.heads * ceilDiv(problem.seqLenQ, config.subgroups * matrix.m),
    });
  },
});
