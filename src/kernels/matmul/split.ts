import type { MatmulProblem, MatrixLayout } from '../../reference/matmul.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { u32, vec4u } from '../../runtime/params.ts';
import { at, input, scratch, scratchInput, type Binding, type Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo } from '../define.ts';
import { groupReduce, groupReduceShader } from '../invocationGroups.ts';
import { broadcast, workgroupIndex } from '../lib.ts';
import { exponents, notSplit, share } from './matrixSnippets.ts';
import { elementA, operandA, remaining } from './snippets.ts';
import { tileCount } from './combine.ts';
import {
  areLegal,
  everyMatrixPart,
  heuristicTiles,
  matricesRun,
  matrixShader,
  matrixTileSpace,
  type MatrixTiles,
} from './matrixShader.ts';
import { matmulParams, ownMatrices, ownStrides } from './params.ts';
import { alignmentOf, matmulBindings } from './shader.ts';
import { everyTiledPart, tiledShader, type Tiles } from './tiledShader.ts';
import { part } from '../../wgsl/part.ts';
import { matmulMatricesTexts } from '../texts.ts';

interface SplitConfig extends MatrixTiles, Record<string, number> {
  /** Parts of half precision that an element is split into. */
  readonly parts: number;
  /** How much of k is summed up inside of subgroup matrices, before it is added to a sum outside of them. */
  readonly chunkK: number;
}

const source = part(matmulMatricesTexts, 'matmul/split');
const shared: readonly ShaderPart[] = [notSplit, exponents];
const splitParts: readonly ShaderPart[] = [
  source,
  notSplit,
  workgroupIndex,
  broadcast,
  remaining,
  groupReduce.workgroup,
];

/** Below this many products a sum in f32 is so exact that what two parts lack would show (docs/precision.md). */
const FEW_PRODUCTS = 64;

/** Small tiles, so that a single row does not make many more be made; legal everywhere. */
const REST: Tiles = { tileM: 32, tileN: 64, tileK: 16, threadM: 4, threadN: 4 };

/**
 * Products of f32 on tensor cores, by parts of half precision, within the bound on errors of f32. Rows and columns that cannot be
 * split without loss are left to a last pass, in plain f32.
 */
export const split = defineKernel<MatmulProblem, SplitConfig>({
  name: 'matmul/split',
  parts: [
    ...splitParts,
    elementA.plain,
    operandA.elements,
    operandA.vec4,
    ...everyMatrixPart,
    ...everyTiledPart,
    ...shared,
    share.split,
    share.rest,
  ],
  space: { ...matrixTileSpace, parts: [2, 3], chunkK: [64, 128, 256, 512] },
  supports(problem, caps) {
    if (problem.precision !== 'split') return "for products with precision 'split' only";
    if (problem.grouped && problem.a.transposed) return 'rows of a group start anywhere in a line of a';
    if (!caps.f16) return 'the adapter has no half precision in shaders';
    const run = matricesRun(problem, caps, partsFor(problem));
    if (run !== true) return run;
    if (bindingsOf(problem).length > caps.limits.maxStorageBuffersPerShaderStage)
      return 'the adapter binds too few buffers at once';
    const largest = largestScratch(problem, partsFor(problem));
    const most = caps.limits.maxStorageBufferBindingSize;
    return largest <= most || `its parts take ${largest} bytes, more than a binding's ${most}`;
  },
  worthwhile: (_problem, caps) =>
    !caps.software || 'a software adapter multiplies faster without subgroup matrices',
  legal: (config, problem, caps) =>
    config.chunkK % config.tileK === 0 &&
    config.parts >= partsFor(problem) &&
    largestScratch(problem, config.parts) <= caps.limits.maxStorageBufferBindingSize &&
    areLegal(config, problem, caps, config.parts),
  heuristic(problem, caps) {
    const parts = partsFor(problem);
    // What tensor cores cut off grows with the chunk, what sums in f32 lose by rounding with the root of k.
    const chunkK = Math.min(256, Math.max(64, powerOfTwo(problem.k / 8)));
    return { ...heuristicTiles(problem, caps, parts), parts, chunkK };
  },
  plan(problem, config, caps) {
    const { parts, chunkK } = config;
    const product = ofParts(problem);
    return {
      scratchBytes: scratchOf(problem, parts),
      passes: [
        splitPass(problem, 'a', parts, caps),
        splitPass(problem, 'b', parts, caps),
        {
          label: 'matmul/split',
          shader: matrixShader(product, config, caps, { share: [...shared, share.split], parts, chunkK }),
          params: matmulParams(product),
          bindings: bindingsOf(problem, [scratchInput(0), scratchInput(1)]),
          workgroups: foldWorkgroups(tileCount(problem, config.tileM, config.tileN), caps),
        },
        {
          label: 'matmul/split, the rest',
          shader: tiledShader(problem, REST, caps, [...shared, share.rest]),
          params: matmulParams(problem),
          bindings: bindingsOf(problem),
          workgroups: foldWorkgroups(tileCount(problem, REST.tileM, REST.tileN), caps),
        },
      ],
    };
  },
});

/** What the passes that multiply bind: the operands or their parts, and both lists of exponents. */
function bindingsOf(problem: MatmulProblem, parts?: readonly Binding[]): readonly Binding[] {
  const { operands, c, terms, groups, scales } = matmulBindings(problem);
  const lists = [at(7, scratchInput(2)), at(8, scratchInput(3))];
  return [...(parts ?? operands), c, ...terms, ...lists, ...groups, ...scales];
}

/** The fewest parts that are as exact as f32. */
const partsFor = ({ k }: MatmulProblem): number => (k < FEW_PRODUCTS ? 3 : 2);

/** An operand as it lies in memory, and whether the elements of a row of a, or of a column of b, are neighbours. */
function operandOf(
  problem: MatmulProblem,
  which: 'a' | 'b',
): {
  readonly layout: MatrixLayout;
  readonly alongK: boolean;
  readonly lines: number;
  readonly length: number;
  readonly rows: number;
} {
  const { m, n, k } = problem;
  // Operands of a split product are of f32.
  const layout = problem[which] as MatrixLayout;
  const rows = which === 'a' ? m : n;
  const alongK = (which === 'a') !== layout.transposed;
  return { layout, alongK, lines: alongK ? rows : k, length: alongK ? k : rows, rows };
}

/** Lines of parts start at multiples of 16 bytes. */
const padded = (length: number): number => 8 * ceilDiv(length, 8);

/** Both operands' parts, then both lists of exponents. */
function scratchOf(problem: MatmulProblem, parts: number): readonly number[] {
  const operands = (['a', 'b'] as const).map((which) => {
    const operand = operandOf(problem, which);
    return { ...operand, matrices: ownMatrices(problem.batchDims, operand.layout).count };
  });
  return [
    ...operands.map(({ matrices, lines, length }) => matrices * lines * padded(length) * parts * 2),
    ...operands.map(({ matrices, rows }) => matrices * rows * 4),
  ];
}

const largestScratch = (problem: MatmulProblem, parts: number): number =>
  Math.max(...scratchOf(problem, parts));

/** The product of the parts: operands of half precision without gaps and repetitions, lines as in the originals. */
function ofParts(problem: MatmulProblem): MatmulProblem {
  const partsOf = (which: 'a' | 'b'): MatrixLayout => {
    const { layout, lines, length } = operandOf(problem, which);
    const lineStride = padded(length);
    return {
      dtype: 'f16',
      transposed: layout.transposed,
      lineStride,
      padded: false,
      batchStrides: ownStrides(problem.batchDims, layout, lines * lineStride),
      offset: 0,
      elements: ownMatrices(problem.batchDims, layout).count * lines * lineStride,
    };
  };
  return { ...problem, a: partsOf('a'), b: partsOf('b') };
}

/** Invocations of a workgroup, and how many share a row: enough for long lines, or few where rows are neighbours in memory. */
const INVOCATIONS = 256;
const LANES = { alongK: 64, acrossK: 16 } as const;

/** The pass that splits an operand. */
function splitPass(problem: MatmulProblem, which: 'a' | 'b', parts: number, caps: Capabilities): Pass {
  const { layout, alongK, lines, length } = operandOf(problem, which);
  const { count, dims } = ownMatrices(problem.batchDims, layout);
  const lanes = LANES[alongK ? 'alongK' : 'acrossK'];
  const group = groupReduceShader({ workgroupSize: INVOCATIONS, lanes, subgroups: false }, caps);
  const groups = count * (alongK ? lines : padded(length) / 4);
  const load = alignmentOf(problem, which) >= 4 ? [operandA.vec4] : [elementA.plain, operandA.elements];
  return {
    label: `matmul/split, ${which}`,
    shader: {
      extensions: ['f16'],
      aliases: { ElemA: 'f32' },
      constants: { PARTS: parts, ALONG_K: alongK, ...group.constants },
      parts: [...splitParts, ...load],
    },
    params: {
      lines: u32(lines),
      length: u32(length),
      lineStride: u32(layout.lineStride),
      offset: u32(layout.offset),
      paddedLength: u32(padded(length)),
      matrices: u32(count),
      dims: vec4u(dims),
      strides: vec4u(layout.batchStrides),
    },
    bindings: [input(which === 'a' ? 0 : 1), scratch(which === 'a' ? 0 : 1), scratch(which === 'a' ? 2 : 3)],
    workgroups: foldWorkgroups(ceilDiv(groups, INVOCATIONS / lanes), caps),
  };
}
