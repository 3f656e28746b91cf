import { gridSize } from '../../reference/grids.ts';
import type { ReductionProblem } from '../../reference/reduction.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo, type Config } from '../define.ts';
import { broadcast, quad, workgroupIndex } from '../lib.ts';
import { serialLimit } from '../rounding.ts';
import { usefulSplit } from '../usefulSplit.ts';
import { combineParts, combineSteps, reductionPlan } from './combine.ts';
import { reducesInnermost } from './contract.ts';
import { everyOperatorPart, stateSizeBytes } from './operator.ts';
import { cutInto, paramsPart, reductionParams, worthCutting } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { reductionTexts } from '../texts.ts';

interface ColumnConfig extends Config {
  /** Invocations side by side, of four columns each; `COLUMNS` in the shader. */
  readonly columns: number;
  /** Invocations that share a column, or one part of it; `ROWS` in the shader. */
  readonly rows: number;
  /** Parts that each column is cut into; more than one takes a second pass. */
  readonly split: number;
}

const source = part(reductionTexts, 'reduction/column');

const COLUMNS_PER_INVOCATION = 4;

/** Rows that an invocation has in flight, as in the shader. */
const UNROLL = 4;

/** Rows of a part on a processor, about. */
const CACHED_ROWS = 32;

/** Fewer are not worth a second pass there. */
const WORTHWHILE_PARTS = 4;

const loader = ({ keptDims }: ReductionProblem): ShaderPart =>
  keptDims[3] % COLUMNS_PER_INVOCATION === 0 ? quad.aligned : quad.scalar;

/** Elements that an invocation combines one after the other, at most. */
function serialSteps(problem: ReductionProblem, rows: number, split: number): number {
  const steps = ceilDiv(cutInto(problem, split).chunk, rows);
  return steps < UNROLL ? steps : Math.floor(steps / UNROLL) + UNROLL - 1;
}

/**
 * Parts that suit a processor: its caches fetch along the rows, and a part of few rows stays within reach of them, and of the tables
 * of the pages that its rows are in, while the columns take turns.
 */
function cachedSplit(reduced: number): number {
  const parts = Math.floor(reduced / Math.max(CACHED_ROWS, Math.sqrt(reduced)));
  return parts < WORTHWHILE_PARTS ? 1 : parts;
}

function legal(
  { columns, rows, split }: ColumnConfig,
  problem: ReductionProblem,
  caps: Capabilities,
): boolean {
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupStorageSize } = caps.limits;
  if (columns * rows > maxComputeInvocationsPerWorkgroup) return false;
  const sharedBytes = columns * rows * COLUMNS_PER_INVOCATION * stateSizeBytes(problem);
  if (sharedBytes > maxComputeWorkgroupStorageSize) return false;
  if (!worthCutting(problem, split, 1, caps)) return false;
  const steps = serialSteps(problem, rows, split) + combineSteps(problem, split, caps);
  return steps <= serialLimit(gridSize(problem.reducedDims));
}

/** Sums along axes of which none is the innermost: a workgroup walks down a band of neighbouring columns. */
export const column = defineKernel<ReductionProblem, ColumnConfig>({
  name: 'reduction/column',
  parts: [
    paramsPart,
    broadcast,
    workgroupIndex,
    source,
    ...Object.values(quad),
    ...combineParts,
    ...everyOperatorPart,
  ],
  space: {
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
    const quads = ceilDiv(gridSize(problem.keptDims), COLUMNS_PER_INVOCATION);
    // Barriers are what a processor is slow at; a single row of invocations needs none.
    const columns = Math.min(caps.software ? 64 : 32, powerOfTwo(quads));
    const rows = caps.software ? 1 : Math.min(256 / columns, 32, powerOfTwo(reduced / UNROLL));
    const bytesEach = (reduced * COLUMNS_PER_INVOCATION * dtypeSizeBytes(problem.dtype)) / rows;
    const split = caps.software ? cachedSplit(reduced) : usefulSplit(caps, quads * rows, bytesEach);
    const config = { columns, rows, split };
    // More parts keep the additions in a row within bounds.
    while (!legal(config, problem, caps) && config.split < reduced) config.split *= 2;
    return config;
  },
  plan(problem, { columns, rows, split }, caps) {
    const kept = gridSize(problem.keptDims);
    const oneAxis = problem.reducedDims[3] === gridSize(problem.reducedDims);
    return reductionPlan(problem, split, caps, (operator, stores) => ({
      label: 'reduction/column',
      shader: {
        ...operator,
        constants: { ...operator.constants, COLUMNS: columns, ROWS: rows, ONE_AXIS: oneAxis },
        parts: [...operator.parts, paramsPart, broadcast, workgroupIndex, loader(problem), source],
      },
      params: reductionParams(problem, cutInto(problem, split)),
      bindings: [input(0), stores],
      workgroups: foldWorkgroups(ceilDiv(kept, columns * COLUMNS_PER_INVOCATION) * split, caps),
    }));
  },
});
