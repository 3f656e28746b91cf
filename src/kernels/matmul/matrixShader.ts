import { isQuantized, type MatmulProblem } from '../../reference/matmul.ts';
import type { Capabilities, SubgroupMatrixConfig } from '../../runtime/capabilities.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { NO_MATRICES } from '../lib.ts';
import { subgroupMatrices } from '../subgroupMatrices.ts';
import { halvesA, halvesB, matrixA, matrixB, stagedQuad } from './matrixSnippets.ts';
import { operandA, operandB } from './snippets.ts';
import { tileCount } from './combine.ts';
import {
  alignmentOf,
  decodedSource,
  everyDecodingPart,
  everyFinishedPart,
  finishedShader,
  ofIntegers,
} from './shader.ts';
import { part } from '../../wgsl/part.ts';
import { matmulMatricesTexts } from '../texts.ts';

/** Sizes of the part of c that a workgroup makes, of a step along k, and of the part that a subgroup makes. */
export type MatrixTiles = {
  readonly tileM: number;
  readonly tileN: number;
  readonly tileK: number;
  readonly subgroupM: number;
  readonly subgroupN: number;
  /** Which of the adapter's sizes of matrices, the largest first. */
  readonly matrix: number;
};

/** What all choices of matrices have in common. */
type Tiles = Omit<MatrixTiles, 'matrix'>;

/** The values worth trying. */
export const matrixTileSpace = {
  tileM: [32, 64, 128],
  tileN: [32, 64, 128],
  tileK: [16, 32, 64],
  subgroupM: [8, 16, 32, 64],
  subgroupN: [8, 16, 32, 64],
  matrix: [0, 1, 2],
} as const;

const source = part(matmulMatricesTexts, 'matmul/subgroupMatrix');

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

/** All that `matrixShader` uses, apart from `share`. */
export const everyMatrixPart: readonly ShaderPart[] = [
  source,
  ...[HALVES, BYTES].flatMap(({ loadA, loadB, stagedQuad }) => [
    ...Object.values(loadA),
    ...Object.values(loadB),
    stagedQuad,
  ]),
  ...[matrixA, matrixB].flatMap((parts) => Object.values(parts)),
  halvesB.blocks,
  ...everyDecodingPart,
  ...everyFinishedPart,
];

const elementsOf = (problem: MatmulProblem): typeof HALVES | typeof BYTES =>
  ofIntegers(problem) ? BYTES : HALVES;

function matricesOf(problem: MatmulProblem, caps: Capabilities): readonly SubgroupMatrixConfig[] {
  const { component, sum } = elementsOf(problem);
  return subgroupMatrices(caps, component, sum);
}

const subgroupsOf = ({ tileM, tileN, subgroupM, subgroupN }: Tiles): number =>
  (tileM / subgroupM) * (tileN / subgroupN);

/**
 * Both tiles, in all their parts, or a row of each subgroup's result matrices, which take their place at the end; with 16
 * bytes of padding a line.
 */
function workgroupBytes(tiles: Tiles, matrixM: number, problem: MatmulProblem, parts: number): number {
  const { tileM, tileN, tileK, subgroupN } = tiles;
  const { sizeBytes } = elementsOf(problem);
  const staged = (lines: number, length: number): number => lines * (sizeBytes * length + 16);
  const a = problem.a.transposed ? staged(tileK, tileM) : staged(tileM, tileK);
  const b = problem.b.transposed ? staged(tileN, tileK) : staged(tileK, tileN);
  return Math.max(parts * (a + b), subgroupsOf(tiles) * matrixM * (4 * subgroupN + 16));
}

/** Sums that one invocation may hold: 64 x 64 in 32 invocations. More would leave the registers. */
const MAX_SUMS = 128;

/**
 * Whether the adapter's matrices multiply such a product, or why not.
 *
 * @param parts of half precision that each element of an operand comes in
 */
export function matricesRun(problem: MatmulProblem, caps: Capabilities, parts = 1): true | string {
  const { component, sum } = elementsOf(problem);
  if (problem.gated && !problem.b.transposed) return 'a gated product needs b stored as [n, k]';
  if (problem.k === 0) return 'there is nothing to multiply (k = 0)';
  if (matricesOf(problem, caps).length === 0) return `${NO_MATRICES} of ${component} with sums in ${sum}`;
  if (!caps.subgroups || caps.subgroups.minSize !== caps.subgroups.maxSize) {
    return 'the size of subgroups is not fixed on this adapter';
  }
  if (!caps.wgslFeatures.includes('subgroup_id')) return 'this adapter does not number its subgroups';
  return (
    preferred(problem, caps, parts).length > 0 ||
    'the adapter has too little workgroup memory for the smallest tiles'
  );
}

export function areLegal(tiles: MatrixTiles, problem: MatmulProblem, caps: Capabilities, parts = 1): boolean {
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
    (parts * subgroupM * subgroupN) / size <= MAX_SUMS &&
    workgroupBytes(tiles, matrix.m, problem, parts) <= caps.limits.maxComputeWorkgroupStorageSize
  );
}

/**
 * From large tiles, which read memory least, to small ones, which make the most workgroups. 64 x 64 a subgroup and steps of
 * 32 are what hand-tuned Vulkan kernels for NVIDIA settled on (llama.cpp, `mul_mm` with cooperative matrices).
 */
const PREFERRED: readonly Tiles[] = [
  { tileM: 128, tileN: 128, tileK: 32, subgroupM: 64, subgroupN: 64 },
  // Where operands in parts need as many sums for half of the elements.
  { tileM: 128, tileN: 128, tileK: 32, subgroupM: 64, subgroupN: 32 },
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
export const ENOUGH_WORKGROUPS = 192;

/** Those that are legal with the adapter's best matrices for which any is; steps along k are of as many bytes for all types. */
function preferred(problem: MatmulProblem, caps: Capabilities, parts: number): readonly MatrixTiles[] {
  const { sizeBytes } = elementsOf(problem);
  for (let matrix = 0; matrix < matricesOf(problem, caps).length; matrix++) {
    const candidates = caps.software ? PREFERRED_BY_SOFTWARE : PREFERRED;
    const legal = candidates
      .map((tiles) => ({ ...tiles, tileK: (tiles.tileK * 2) / sizeBytes, matrix }))
      .filter((tiles) => areLegal(tiles, problem, caps, parts));
    if (legal.length > 0) return legal;
  }
  return [];
}

/** A good guess without tuning, for a product that the adapter's matrices run. */
export function heuristicTiles(problem: MatmulProblem, caps: Capabilities, parts = 1): MatrixTiles {
  const legal = preferred(problem, caps, parts);
  const fills = ({ tileM, tileN }: Tiles): boolean => tileCount(problem, tileM, tileN) >= ENOUGH_WORKGROUPS;
  return (caps.software ? legal[0] : legal.find(fills)) ?? legal.at(-1)!;
}

/** What the shader multiplies apart from plain operands, and what it makes of it. */
export interface MatrixWork {
  /** The snippets of lib/share, and what they need. */
  readonly share: readonly ShaderPart[];
  /** The sums are those of slices of k, and kept for `combine`. */
  readonly partial?: boolean;
  /** Parts that operands come in, as matmul/split.wgsl lays them out; one unless given. */
  readonly parts?: number;
  /** After how much of k sums are taken out of the matrices and added up outside of them; only at the end unless given. */
  readonly chunkK?: number;
}

/** The shader that multiplies on tensor cores. */
export function matrixShader(
  problem: MatmulProblem,
  tiles: MatrixTiles,
  caps: Capabilities,
  { share, partial = false, parts = 1, chunkK = 0 }: MatrixWork,
): ShaderSource {
  const { m, n, k } = matricesOf(problem, caps)[tiles.matrix]!;
  const { component, sum, ...elements } = elementsOf(problem);
  // Behind a line of parts there are zeros up to the next vector.
  const alignment = (which: 'a' | 'b'): 8 | 4 | 1 => (parts > 1 ? 8 : alignmentOf(problem, which));
  const { a, b } = problem;
  const sources = [
    { parts: [elements.loadA[alignment('a')]] },
    isQuantized(b) ? decodedSource(b, halvesB.blocks) : { parts: [elements.loadB[alignment('b')]] },
    {
      parts: [
        elements.stagedQuad,
        matrixA[a.transposed ? 'acrossK' : 'alongK'],
        matrixB[b.transposed ? 'alongK' : 'acrossK'],
      ],
    },
  ];
  const shader = finishedShader(problem, sources, partial);
  return {
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
      A_ALONG_K: !a.transposed,
      B_ALONG_K: b.transposed,
      PARTS: parts,
      SUMMED_APART: chunkK > 0,
      CHUNK: Math.max(1, chunkK / tiles.tileK),
    },
    parts: [...shader.parts, ...share, source],
  };
}
