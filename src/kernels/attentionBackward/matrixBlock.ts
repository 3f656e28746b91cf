import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import type { Capabilities, SubgroupMatrixConfig } from '../../runtime/capabilities.ts';
import type { Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import {
  covered,
  fitsMatrices,
  matricesOf,
  matrixConstants,
  MAX_REGISTERS,
  notFinite,
} from '../attention/matrices.ts';
import type { JoinedInputs } from '../attention/smallInputs.ts';
import { gradientPass, type GradientPass } from './pass.ts';
import { part } from '../../wgsl/part.ts';
import { attentionBackwardMatricesTexts } from '../texts.ts';

export type MatrixConfig = {
  /** Subgroups of a workgroup; each makes as many rows of a gradient as a matrix has. */
  readonly subgroups: number;
  /** Rows that these meet at once: of keys for queries, of queries for keys. */
  readonly tile: number;
  /** Which of the adapter's sizes of matrices, the largest first. */
  readonly matrix: number;
};

export const MATRIX_SPACE = {
  subgroups: [2, 4],
  tile: [16, 32],
  matrix: [0, 1, 2],
} as const;

/** Staging, both products of a tile, exponents of dS; declares bindings 1 to 4. */
export const matrixBlockParts: readonly ShaderPart[] = [
  notFinite,
  part(attentionBackwardMatricesTexts, 'attentionBackward/matrixBlock'),
];

/** Rows of a gradient that a workgroup makes; `OWN` in the shader. */
export const ownRows = ({ subgroups, matrix }: MatrixConfig, caps: Capabilities): number =>
  subgroups * matricesOf(caps)[matrix]!.m;

/** Workgroup memory of the pass for k and v, which needs more, array by array as the shaders declare it. */
function workgroupBytes(
  { subgroups, tile }: MatrixConfig,
  { m }: SubgroupMatrixConfig,
  { headDim, headDimV }: BackwardProblem,
): number {
  const own = subgroups * m;
  const row = (dim: number): number => 2 * covered(dim) + 16;
  const pairs = 2 * own * (tile + 4) * 4;
  const halves = 2 * own * (tile + 8) * 2;
  return tile * (row(headDim) + row(headDimV) + BLOCK_ROW_BYTES) + pairs + halves + 16;
}

/** `BlockRow` in the shader. */
const BLOCK_ROW_BYTES = 32;

/** Of the pass for k and v: its own rows of both, in halves, and sums for both. */
function registers(
  { m }: SubgroupMatrixConfig,
  { headDim, headDimV }: BackwardProblem,
  subgroupSize: number,
): number {
  return (1.5 * m * (covered(headDim) + covered(headDimV))) / subgroupSize;
}

export function matrixLegal(config: MatrixConfig, problem: BackwardProblem, caps: Capabilities): boolean {
  const matrix = matricesOf(caps)[config.matrix];
  if (!matrix || !fitsMatrices(matrix, config.tile, caps)) return false;
  const size = caps.subgroups!.maxSize;
  return (
    config.tile % matrix.m === 0 &&
    config.subgroups * size <= caps.limits.maxComputeInvocationsPerWorkgroup &&
    registers(matrix, problem, size) <= MAX_REGISTERS &&
    workgroupBytes(config, matrix, problem) <= caps.limits.maxComputeWorkgroupStorageSize
  );
}

/** The larger the tiles, the less often rows are read and invocations wait for each other; the best first. */
const PREFERRED: readonly Omit<MatrixConfig, 'matrix'>[] = [
  { subgroups: 4, tile: 32 },
  { subgroups: 4, tile: 16 },
  { subgroups: 2, tile: 16 },
];

export function preferredMatrices(problem: BackwardProblem, caps: Capabilities): MatrixConfig | undefined {
  // A software adapter gains nothing from large tiles, and translates small ones sooner.
  const candidates = caps.software ? PREFERRED.toReversed() : PREFERRED;
  return matricesOf(caps)
    .flatMap((_, matrix) => candidates.map((tiles) => ({ ...tiles, matrix })))
    .find((config) => matrixLegal(config, problem, caps));
}

/** A pass on tensor cores. */
export function matrixPass(
  problem: BackwardProblem,
  caps: Capabilities,
  joined: JoinedInputs | undefined,
  config: MatrixConfig,
  pass: Pick<GradientPass, 'label' | 'parts' | 'makes' | 'workgroups'>,
): Pass {
  return gradientPass(problem, caps, joined, {
    ...pass,
    reads: 'matrices',
    extensions: ['f16', 'subgroups', 'chromium_experimental_subgroup_matrix'],
    constants: {
      ...matrixConstants(matricesOf(caps)[config.matrix]!, problem, caps),
      SUBGROUPS: config.subgroups,
      TILE: config.tile,
    },
  });
}
