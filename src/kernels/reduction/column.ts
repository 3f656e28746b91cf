import { gridSize } from '../../reference/grids.ts';
import { reducesInnermost, type ReductionProblem } from '../../reference/reduction.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo, type Config } from '../define.ts';
import { quad, workgroupIndex } from '../lib.ts';
import { serialLimit } from '../rounding.ts';
import { usefulSplit } from '../usefulSplit.ts';
import { combineParts, combineSteps, reductionPlan } from './combine.ts';
import { everyOperatorPart, hasSmallState, stateSizeBytes } from './operator.ts';
import { cutInto, gridConstants, gridParts, nearestSplit, reductionParams, worthCutting } from './params.ts';
import { columnWalk, span } from './snippets.ts';
import { part } from '../../wgsl/part.ts';
import { reductionTexts } from '../texts.ts';

interface ColumnConfig extends Config {
  /** Neighbouring columns of an invocation, 1, 2 or 4; `WIDTH` in the shader. */
  readonly width: number;
  /** Invocations side by side, each with `width` columns; `COLUMNS` in the shader. */
  readonly columns: number;
  /** Invocations that share a column, or one part of it; `ROWS` in the shader. */
  readonly rows: number;
  /** Parts that each column is cut into; more than one takes a second pass. */
  readonly split: number;
}

const source = part(reductionTexts, 'reduction/column');

/** Rows that an invocation combines as a tree, as in the shader. */
const UNROLL = 4;

/** Rows that an invocation combines before it adds them to the others, so that a long sum stays accurate; `BLOCK` in the shaders. */
const BLOCK = 64;

/** Bytes that a processor loads at once. */
const WORD_BYTES = 4;

/**
 * Rows of a part on a processor: a line of its caches has columns of neighbouring invocations too, which come to it later. Where rows
 * are as long as a power of two, they all compete for the same few lines.
 */
const CACHED_ROWS = 32;

/** Rows of which fewer do not pay for a second pass. */
const LEAST_CUT = 8 * CACHED_ROWS;

/** Whether so many neighbouring columns always start at a multiple of as many elements. */
const alignedTo = (columns: number, { keptDims }: ReductionProblem): boolean => keptDims[3] % columns === 0;

/** What an invocation does with `width` columns. */
function spanParts(width: number, problem: ReductionProblem): readonly ShaderPart[] {
  if (width === 1) return [span.one];
  if (width === 2) return [span.two];
  return [alignedTo(4, problem) ? quad.aligned : quad.scalar, span.four];
}

/**
 * How an invocation takes its rows: those of a processor unrolled, where its loads are of words and its states small. Others would be a
 * great deal of code.
 */
function walkPart(problem: ReductionProblem, { width, rows }: ColumnConfig, caps: Capabilities): ShaderPart {
  const inWords = width * dtypeSizeBytes(problem.dtype) === WORD_BYTES;
  return columnWalk[caps.software && rows === 1 && inWords && hasSmallState(problem) ? 'runs' : 'loops'];
}

/** A load has 16 bytes; but drivers that run on a processor load elements one by one, or both halves of a word. */
function widthFor(problem: ReductionProblem, caps: Capabilities): number {
  if (!caps.software) return 4;
  return problem.dtype === 'f16' && alignedTo(2, problem) ? 2 : 1;
}

/** Elements that an invocation combines one after the other, at most: in loops, which are no shorter than runs. */
function serialSteps(problem: ReductionProblem, { rows, split }: ColumnConfig): number {
  const all = ceilDiv(cutInto(problem, split).chunk, rows);
  const outsideBlocks = Math.floor(Math.min(all, BLOCK - 1) / UNROLL) + UNROLL - 1;
  return all < BLOCK ? outsideBlocks : BLOCK / UNROLL + Math.floor(all / BLOCK) + outsideBlocks;
}

function legal(config: ColumnConfig, problem: ReductionProblem, caps: Capabilities): boolean {
  const { width, columns, rows, split } = config;
  if (width === 2 && !(problem.dtype === 'f16' && alignedTo(2, problem))) return false;
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupStorageSize } = caps.limits;
  if (columns * rows > maxComputeInvocationsPerWorkgroup) return false;
  const sharedBytes = columns * rows * width * stateSizeBytes(problem);
  if (sharedBytes > maxComputeWorkgroupStorageSize) return false;
  if (!worthCutting(problem, split, 1, caps)) return false;
  const steps = serialSteps(problem, config) + combineSteps(problem, split, caps);
  return steps <= serialLimit(gridSize(problem.reducedDims));
}

/** Sums along axes of which none is the innermost: a workgroup walks down a band of neighbouring columns. */
export const column = defineKernel<ReductionProblem, ColumnConfig>({
  name: 'reduction/column',
  parts: [
    ...gridParts,
    workgroupIndex,
    source,
    ...Object.values(quad),
    ...Object.values(span),
    ...Object.values(columnWalk),
    ...combineParts,
    ...everyOperatorPart,
  ],
  space: {
    width: [1, 2, 4],
    columns: [1, 2, 4, 8, 16, 32, 64],
    rows: [1, 2, 4, 8, 16, 32],
    split: [1, 4, 16, 64, 256, 1024],
  },
  supports(problem) {
    if (reducesInnermost(problem))
      return 'the innermost axis is reduced, so that neighbouring results have no neighbouring elements';
    if (gridSize(problem.keptDims) * gridSize(problem.reducedDims) === 0) return 'there is nothing to reduce';
    return true;
  },
  legal,
  heuristic(problem, caps) {
    const reduced = gridSize(problem.reducedDims);
    const width = widthFor(problem, caps);
    const spans = ceilDiv(gridSize(problem.keptDims), width);
    // Barriers are what a processor is slow at; a single row of invocations needs none.
    const columns = Math.min(caps.software ? 64 : 32, powerOfTwo(spans));
    const rows = caps.software ? 1 : Math.min(256 / columns, 32, powerOfTwo(reduced / UNROLL));
    const bytesEach = (reduced * width * dtypeSizeBytes(problem.dtype)) / rows;
    const cached = reduced < LEAST_CUT ? 1 : Math.floor(reduced / CACHED_ROWS);
    const wanted = caps.software ? cached : usefulSplit(caps, spans * rows, bytesEach);
    const cut = (split: number): ColumnConfig => ({ width, columns, rows, split });
    return cut(nearestSplit(wanted, problem, (split) => legal(cut(split), problem, caps)));
  },
  plan(problem, config, caps) {
    const { width, columns, rows, split } = config;
    return reductionPlan(problem, split, caps, (operator, stores) => ({
      label: 'reduction/column',
      shader: {
        ...operator,
        constants: { ...operator.constants, ...gridConstants(problem), COLUMNS: columns, ROWS: rows, BLOCK },
        parts: [
          ...operator.parts,
          ...gridParts,
          workgroupIndex,
          ...spanParts(width, problem),
          walkPart(problem, config, caps),
          source,
        ],
      },
      params: reductionParams(problem, cutInto(problem, split)),
      bindings: [input(0), stores],
      workgroups: foldWorkgroups(ceilDiv(gridSize(problem.keptDims), columns * width) * split, caps),
    }));
  },
});
