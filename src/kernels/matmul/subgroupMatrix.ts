import type { MatmulProblem } from '../../reference/matmul.ts';
import type { Capabilities, SubgroupMatrixConfig } from '../../runtime/capabilities.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { defineKernel } from '../define.ts';
import { halvesA, halvesB, matrixA, matrixB } from '../lib.ts';
import { canSlice, combinePart, productPlan, slicesFor, tileCount } from './combine.ts';
import { alignmentOf, everyFinishedPart, finishedShader } from './shader.ts';
import subgroupMatrixSource from '../../../shaders/matmul/subgroupMatrix.wgsl?raw';

/** Sizes of the part of c that a workgroup makes, of a step along k, and of the part that a subgroup makes. */
type SubgroupMatrixTiles = {
  readonly tileM: number;
  readonly tileN: number;
  readonly tileK: number;
  readonly subgroupM: number;
  readonly subgroupN: number;
  /** Which of the adapter's sizes of matrices, the largest first. */
  readonly matrix: number;
  /** Into how many slices k is cut, where c has too few tiles to keep a GPU busy. */
  readonly splitK: number;
};

/** What all choices of matrices and slices have in common. */
type Tiles = Omit<SubgroupMatrixTiles, 'matrix' | 'splitK'>;

const source: ShaderPart = { path: 'matmul/subgroupMatrix.wgsl', code: subgroupMatrixSource };

/** By how many halves an operand's lines allow to fetch at once. */
const HALVES = { 8: 'eight', 4: 'four', 1: 'one' } as const;

/**
 * Sizes of matrices of halves with sums in f32 that the adapter multiplies, the largest first: they take fewer
 * instructions, and on Hopper 16x16x16 reaches a third more than 16x8x8.
 */
function matricesOf({ subgroupMatrixConfigs }: Capabilities): readonly SubgroupMatrixConfig[] {
  const volume = ({ m, n, k }: SubgroupMatrixConfig): number => m * n * k;
  return subgroupMatrixConfigs
    .filter((config) => config.componentType === 'f16' && config.resultType === 'f32')
    .filter(({ m, n, k }) => m % 8 === 0 && n % 8 === 0 && k % 8 === 0)
    .toSorted((a, b) => volume(b) - volume(a));
}

const subgroupsOf = ({ tileM, tileN, subgroupM, subgroupN }: Tiles): number =>
  (tileM / subgroupM) * (tileN / subgroupN);

/** Both tiles, or a row of each subgroup's result matrices, which take their place at the end; with 16 bytes of padding a line. */
function workgroupBytes(tiles: Tiles, matrixM: number, problem: MatmulProblem): number {
  const { tileM, tileN, tileK, subgroupN } = tiles;
  const staged = (lines: number, length: number): number => lines * (2 * length + 16);
  const a = problem.a.transposed ? staged(tileK, tileM) : staged(tileM, tileK);
  const b = problem.b.transposed ? staged(tileN, tileK) : staged(tileK, tileN);
  return Math.max(a + b, subgroupsOf(tiles) * matrixM * (4 * subgroupN + 16));
}

/** Sums that one invocation may hold: 64 x 64 in 32 invocations. More would leave the registers. */
const MAX_SUMS = 128;

/** Products of half precision on tensor cores: any shape, any matrices that the adapter has, sums in f32. */
export const subgroupMatrix = defineKernel<MatmulProblem, SubgroupMatrixTiles>({
  name: 'matmul/subgroupMatrix',
  parts: [
    source,
    combinePart,
    ...[halvesA, halvesB, matrixA, matrixB].flatMap((parts) => Object.values(parts)),
    ...everyFinishedPart,
  ],
  space: {
    tileM: [32, 64, 128],
    tileN: [32, 64, 128],
    tileK: [16, 32, 64],
    subgroupM: [8, 16, 32, 64],
    subgroupN: [8, 16, 32, 64],
    matrix: [0, 1, 2],
    splitK: [1, 2, 4, 8, 16],
  },
  supports(problem, caps) {
    if (problem.a.dtype !== 'f16' || problem.b.dtype !== 'f16')
      return 'tensor cores multiply half precision, and other types must not lose digits';
    if (problem.gated && !problem.b.transposed) return 'a gated product needs b stored as [n, k]';
    if (problem.k === 0) return 'there is nothing to multiply (k = 0)';
    if (matricesOf(caps).length === 0) return 'the adapter has no subgroup matrices of f16 with sums in f32';
    if (!caps.subgroups || caps.subgroups.minSize !== caps.subgroups.maxSize) {
      return 'the size of subgroups is not fixed on this adapter';
    }
    if (!caps.wgslFeatures.includes('subgroup_id')) return 'this adapter does not number its subgroups';
    return (
      preferred(problem, caps).length > 0 ||
      'the adapter has too little workgroup memory for the smallest tiles'
    );
  },
  worthwhile: (_problem, caps) =>
    !caps.software || 'a software adapter multiplies faster without subgroup matrices',
  legal: (config, problem, caps) => isLegal(config, problem, caps) && canSlice(problem, config.splitK),
  heuristic: (problem, caps) => heuristicTiles(problem, caps),
  plan(problem, tiles, caps) {
    const { m, n, k } = matricesOf(caps)[tiles.matrix]!;
    const operands = [
      halvesA[HALVES[alignmentOf(problem, 'a')]],
      halvesB[HALVES[alignmentOf(problem, 'b')]],
      matrixA[problem.a.transposed ? 'acrossK' : 'alongK'],
      matrixB[problem.b.transposed ? 'alongK' : 'acrossK'],
    ];
    const shader = finishedShader(problem, operands, {}, tiles.splitK > 1);
    return productPlan(
      problem,
      {
        label: 'matmul/subgroupMatrix',
        shader: {
          ...shader,
          extensions: ['f16', 'subgroups', 'chromium_experimental_subgroup_matrix'],
          constants: {
            ...shader.constants,
            TILE_M: tiles.tileM,
            TILE_N: tiles.tileN,
            TILE_K: tiles.tileK,
            SUBGROUP_M: tiles.subgroupM,
            SUBGROUP_N: tiles.subgroupN,
            SUBGROUP_SIZE: caps.subgroups!.maxSize,
            MATRIX_M: m,
            MATRIX_N: n,
            MATRIX_K: k,
            A_ALONG_K: !problem.a.transposed,
            B_ALONG_K: problem.b.transposed,
          },
          parts: [...shader.parts, source],
        },
        workgroups: tileCount(problem, tiles.tileM, tiles.tileN),
        slices: tiles.splitK,
      },
      caps,
    );
  },
});

function isLegal(
  tiles: Tiles & { readonly matrix: number },
  problem: MatmulProblem,
  caps: Capabilities,
): boolean {
  const { tileM, tileN, tileK, subgroupM, subgroupN } = tiles;
  const matrix = matricesOf(caps)[tiles.matrix];
  if (!matrix || !caps.subgroups) return false;
  const size = caps.subgroups.maxSize;
  const invocations = subgroupsOf(tiles) * size;
  return (
    subgroupM % matrix.m === 0 &&
    subgroupN % matrix.n === 0 &&
    tileK % matrix.k === 0 &&
    tileM % subgroupM === 0 &&
    tileN % subgroupN === 0 &&
    invocations <= Math.min(512, caps.limits.maxComputeInvocationsPerWorkgroup) &&
    (subgroupM * subgroupN) / size <= MAX_SUMS &&
    workgroupBytes(tiles, matrix.m, problem) <= caps.limits.maxComputeWorkgroupStorageSize
  );
}

/**
 * From large tiles, which read memory least, to small ones, which make the most workgroups. 64 x 64 a subgroup and steps of
 * 32 are what hand-tuned Vulkan kernels for NVIDIA settled on (llama.cpp, `mul_mm` with cooperative matrices).
 */
const PREFERRED: readonly Tiles[] = [
  { tileM: 128, tileN: 128, tileK: 32, subgroupM: 64, subgroupN: 64 },
  { tileM: 128, tileN: 64, tileK: 32, subgroupM: 64, subgroupN: 32 },
  { tileM: 64, tileN: 64, tileK: 32, subgroupM: 32, subgroupN: 32 },
  { tileM: 32, tileN: 64, tileK: 32, subgroupM: 16, subgroupN: 32 },
  { tileM: 32, tileN: 32, tileK: 32, subgroupM: 16, subgroupN: 16 },
];

/** For a software adapter, which is never faster with matrices, little code: it is translated soonest. */
const PREFERRED_BY_SOFTWARE: readonly Tiles[] = [
  { tileM: 32, tileN: 32, tileK: 16, subgroupM: 8, subgroupN: 8 },
  ...PREFERRED.toReversed(),
];

/** Workgroups that keep a large GPU busy: one or two for each of about 130 processors. */
const ENOUGH_WORKGROUPS = 192;

/** Those that are legal with the adapter's best matrices for which any is. */
function preferred(
  problem: MatmulProblem,
  caps: Capabilities,
): readonly Omit<SubgroupMatrixTiles, 'splitK'>[] {
  for (let matrix = 0; matrix < matricesOf(caps).length; matrix++) {
    const candidates = caps.software ? PREFERRED_BY_SOFTWARE : PREFERRED;
    const legal = candidates
      .map((tiles) => ({ ...tiles, matrix }))
      .filter((tiles) => isLegal(tiles, problem, caps));
    if (legal.length > 0) return legal;
  }
  return [];
}

function heuristicTiles(problem: MatmulProblem, caps: Capabilities): SubgroupMatrixTiles {
  const legal = preferred(problem, caps);
  const workgroups = ({ tileM, tileN }: Tiles): number => tileCount(problem, tileM, tileN);
  if (caps.software) return { ...legal[0]!, splitK: 1 };
  const tiles = legal.find((candidate) => workgroups(candidate) >= ENOUGH_WORKGROUPS) ?? legal.at(-1)!;
  return { ...tiles, splitK: slicesFor(problem, workgroups(tiles), ENOUGH_WORKGROUPS) };
}
