import { DECODE_QUERIES, type AttentionProblem } from '../../reference/attention.ts';
import type { Capabilities, SubgroupMatrixConfig } from '../../runtime/capabilities.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, defineKernel } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import {
  covered,
  fitsMatrices,
  matricesOf,
  matrixConstants,
  MAX_REGISTERS,
  notFinite,
  whyNoMatrices,
} from './matrices.ts';
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

const parts: readonly ShaderPart[] = [
  workgroupIndex,
  notFinite,
  part(attentionMatricesTexts, 'attention/flashMatrix'),
];

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

/** Sums and queries that an invocation holds, in registers of 32 bits. */
function registers(
  { m }: SubgroupMatrixConfig,
  { headDim, headDimV }: AttentionProblem,
  subgroupSize: number,
): number {
  return (m * (covered(headDimV) + covered(headDim) / 2)) / subgroupSize;
}

function legal(config: FlashMatrixConfig, problem: AttentionProblem, caps: Capabilities): boolean {
  const matrix = matricesOf(caps)[config.matrix];
  if (!matrix || !fitsMatrices(matrix, config.tileKv, caps)) return false;
  const size = caps.subgroups!.maxSize;
  return (
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
    const why = whyNoMatrices(problem, caps);
    if (why !== undefined) return why;
    if (problem.part?.partial) return 'results that are to be merged are in f32, and these are halves';
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
        ...matrixConstants(matrix, problem, caps),
        SUBGROUPS: config.subgroups,
        TILE_KV: config.tileKv,
      },
      parts,
      tiles: problem.batch * problem.heads * ceilDiv(problem.seqLenQ, config.subgroups * matrix.m),
    });
  },
});
