import type { MatmulProblem } from '../../reference/matmul.ts';
import type { Capabilities, SubgroupMatrixConfig } from '../../runtime/capabilities.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { defineKernel } from '../define.ts';
import { halvesA, halvesB, matrixA, matrixB, operandA, operandB, stagedQuad } from '../lib.ts';
import { canSlice, combinePart, productPlan, slicesFor, tileCount } from './combine.ts';
import { alignmentOf, everyFinishedPart, finishedShader, ofIntegers } from './shader.ts';
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

/** Matrices of what, and how to fetch eight elements, by what lines start and end at multiples of. */
const HALVES = {
  component: 'f16',
  extensions: ['f16'],
  sum: 'f32',
  sizeBytes: 2,
  eight: 'vec4<u32>',
  loadA: { 8: halvesA.eight, 4: halvesA.four, 1: halvesA.one },
  loadB: { 8: halvesB.eight, 4: halvesB.four, 1: halvesB.one },
  stagedQuad: stagedQuad.halves,
} as const;
const BYTES = {
  component: 'i8',
  extensions: [],
  sum: 'i32',
  sizeBytes: 1,
  eight: 'vec2<u32>',
  loadA: { 8: operandA.byteEights, 4: operandA.byteFours, 1: operandA.bytes },
  loadB: { 8: operandB.byteEights, 4: operandB.byteFours, 1: operandB.bytes },
  stagedQuad: stagedQuad.bytes,
} as const;

const elementsOf = (problem: MatmulProblem): typeof HALVES | typeof BYTES =>
  ofIntegers(problem) ? BYTES : HALVES;

/**
 * Sizes of matrices of halves with sums in f32, or of bytes with sums in i32, that the adapter multiplies, the largest first:
 * they take fewer instructions, and on Hopper 16x16x16 reaches a third more than 16x8x8.
 */
function matricesOf(
  problem: MatmulProblem,
  { subgroupMatrixConfigs }: Capabilities,
): readonly SubgroupMatrixConfig[] {
  const { component, sum } = elementsOf(problem);
  const volume = ({ m, n, k }: SubgroupMatrixConfig): number => m * n * k;
  return subgroupMatrixConfigs
    .filter((config) => config.componentType === component && config.resultType === sum)
    .filter(({ m, n, k }) => m % 8 === 0 && n % 8 === 0 && k % 8 === 0)
    .toSorted((a, b) => volume(b) - volume(a));
}

const subgroupsOf = ({ tileM, tileN, subgroupM, subgroupN }: Tiles): number =>
  (tileM / subgroupM) * (tileN / subgroupN);

/** Both tiles, or a row of each subgroup's result matrices, which take their place at the end; with 16 bytes of padding a line. */
function workgroupBytes(tiles: Tiles, matrixM: number, problem: MatmulProblem): number {
  const { tileM, tileN, tileK, subgroupN } = tiles;
  const { sizeBytes } = elementsOf(problem);
  const staged = (lines: number, length: number): number => lines * (sizeBytes * length + 16);
  const a = problem.a.transposed ? staged(tileK, tileM) : staged(tileM, tileK);
  const b = problem.b.transposed ? staged(tileN, tileK) : staged(tileK, tileN);
  return Math.max(a + b, subgroupsOf(tiles) * matrixM * (4 * subgroupN + 16));
}

/** Sums that one invocation may hold: 64 x 64 in 32 invocations. More would leave the registers. */
const MAX_SUMS = 128;

/**
 * Products of half precision with sums in f32, and of i8 with sums in i32, on tensor cores: any shape, any matrices that the
 * adapter has.
 */
export const subgroupMatrix = defineKernel<MatmulProblem, SubgroupMatrixTiles>({
  name: 'matmul/subgroupMatrix',
  parts: [
    source,
    combinePart,
    ...[HALVES, BYTES].flatMap(({ loadA, loadB, stagedQuad }) => [
      ...Object.values(loadA),
      ...Object.values(loadB),
      stagedQuad,
    ]),
    ...[matrixA, matrixB].flatMap((parts) => Object.values(parts)),
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
    const { component, sum } = elementsOf(problem);
    if (problem.a.dtype !== component || problem.b.dtype !== component)
      return 'tensor cores multiply half precision and i8, and other types must not lose digits';
    if (problem.gated && !problem.b.transposed) return 'a gated product needs b stored as [n, k]';
    if (problem.k === 0) return 'there is nothing to multiply (k = 0)';
    if (matricesOf(problem, caps).length === 0)
      return `the adapter has no subgroup matrices of ${component} with sums in ${sum}`;
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
    const { m, n, k } = matricesOf(problem, caps)[tiles.matrix]!;
    const { component, sum, ...elements } = elementsOf(problem);
    const operands = [
      elements.loadA[alignmentOf(problem, 'a')],
      elements.loadB[alignmentOf(problem, 'b')],
      elements.stagedQuad,
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
          extensions: [
            ...shader.extensions,
            ...elements.extensions,
            'subgroups',
            'chromium_experimental_subgroup_matrix',
          ],
          aliases: {
            ...shader.aliases,
            Eight: elements.eight,
            Left: `subgroup_matrix_left<${component}, ${k}, ${m}>`,
            Right: `subgroup_matrix_right<${component}, ${n}, ${k}>`,
            Result: `subgroup_matrix_result<${sum}, ${n}, ${m}>`,
          },
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
  const matrix = matricesOf(problem, caps)[tiles.matrix];
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

/** Those that are legal with the adapter's best matrices for which any is; steps along k are of as many bytes for all types. */
function preferred(
  problem: MatmulProblem,
  caps: Capabilities,
): readonly Omit<SubgroupMatrixTiles, 'splitK'>[] {
  const { sizeBytes } = elementsOf(problem);
  for (let matrix = 0; matrix < matricesOf(problem, caps).length; matrix++) {
    const candidates = caps.software ? PREFERRED_BY_SOFTWARE : PREFERRED;
    const legal = candidates
      .map((tiles) => ({ ...tiles, tileK: (tiles.tileK * 2) / sizeBytes, matrix }))
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
