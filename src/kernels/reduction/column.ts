import { gridSize } from '../../reference/grids.ts';
import type { ReductionProblem } from '../../reference/reduction.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo, type Config } from '../define.ts';
import { quad, workgroupIndex } from '../lib.ts';
import { serialLimit } from '../rounding.ts';
import { usefulSplit } from '../usefulSplit.ts';
import { combineParts, combineSteps, reductionPlan } from './combine.ts';
import { reducesInnermost } from './contract.ts';
import { everyOperatorPart, stateSizeBytes } from './operator.ts';
import { cutInto, gridConstants, gridParts, reductionParams, worthCutting } from './params.ts';
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

/** Rows that an invocation combines before it adds them to the others, as in the shader. */
const BLOCK = 64;

/** Rows of a part on a processor, about: the tables of the pages that they are in stay within reach of its caches. */
const CACHED_ROWS = 512;

/** Drivers that run on a processor load elements one by one, fastest where neighbouring invocations load neighbours. */
function loader({ keptDims }: ReductionProblem, caps: Capabilities): ShaderPart {
  const apart = keptDims[3] % COLUMNS_PER_INVOCATION !== 0 || caps.software;
  return apart ? quad.scalar : quad.aligned;
}

/** Elements that an invocation combines one after the other, at most. */
function serialSteps(problem: ReductionProblem, rows: number, split: number): number {
  const all = ceilDiv(cutInto(problem, split).chunk, rows);
  const steps = Math.min(BLOCK, all);
  return ceilDiv(all, BLOCK) + (steps < UNROLL ? steps : Math.floor(steps / UNROLL) + UNROLL - 1);
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
    ...gridParts,
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
    const split = caps.software
      ? Math.max(1, Math.floor(reduced / CACHED_ROWS))
      : usefulSplit(caps, quads * rows, bytesEach);
    const config = { columns, rows, split };
    // More parts keep the additions in a row within bounds.
    while (!legal(config, problem, caps) && config.split < reduced) config.split *= 2;
    return config;
  },
  plan(problem, { columns, rows, split }, caps) {
    const kept = gridSize(problem.keptDims);
    return reductionPlan(problem, split, caps, (operator, stores) => ({
      label: 'reduction/column',
      shader: {
        ...operator,
        constants: { ...operator.constants, ...gridConstants(problem), COLUMNS: columns, ROWS: rows },
        parts: [...operator.parts, ...gridParts, workgroupIndex, loader(problem, caps), source],
      },
      params: reductionParams(problem, cutInto(problem, split)),
      bindings: [input(0), stores],
      workgroups: foldWorkgroups(ceilDiv(kept, columns * COLUMNS_PER_INVOCATION) * split, caps),
    }));
  },
});
