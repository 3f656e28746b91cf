import { gridSize } from '../../reference/grids.ts';
import { reducesInnermost, type ReductionProblem } from '../../reference/reduction.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo, type Config } from '../define.ts';
import { groupReduce, groupReduceRuns, groupReduceShader, type GroupConfig } from '../invocationGroups.ts';
import { workgroupIndex } from '../lib.ts';
import { pack } from './snippets.ts';
import { PAGE_BYTES, processorLanes } from '../processor.ts';
import { serialLimit } from '../rounding.ts';
import { usefulSplit } from '../usefulSplit.ts';
import { combineParts, combineSteps, reductionPlan } from './combine.ts';
import { everyOperatorPart, hasSmallState } from './operator.ts';
import { cutInto, gridConstants, gridParts, nearestSplit, reductionParams, worthCutting } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { reductionTexts } from '../texts.ts';

interface RowConfig extends Config {
  /** Invocations that share a result or a part of it, a power of two; `LANES` in the shader. */
  readonly lanes: number;
  /** Whether they exchange states within subgroups, or through workgroup memory alone. */
  readonly subgroups: boolean;
  /** Parts that each result is made of; more than one takes a second pass. */
  readonly split: number;
}

const source = part(reductionTexts, 'reduction/row');

/** Every WebGPU device has as many. */
const WORKGROUP_SIZE = 256;

const groupOf = ({ lanes, subgroups }: RowConfig): GroupConfig => ({
  workgroupSize: WORKGROUP_SIZE,
  lanes,
  subgroups,
});

/** Bytes of one load. */
const PACK_BYTES = 16;

/** Loads that an invocation has in flight, as in the shader. */
const UNROLL = 4;

const packOf = ({ dtype }: ReductionProblem): number => PACK_BYTES / dtypeSizeBytes(dtype);

/** Elements that an invocation combines one after the other, at most. */
function serialSteps(problem: ReductionProblem, lanes: number, split: number): number {
  const elements = packOf(problem);
  const run = problem.reducedDims[3];
  const { chunk } = cutInto(problem, split, elements);
  const runs = run >= gridSize(problem.reducedDims) ? 1 : ceilDiv(chunk, run) + 1;
  const packs = ceilDiv(Math.min(run, chunk), elements * lanes);
  const edges = 2 * ceilDiv(elements - 1, lanes);
  const perRun = edges + (packs < UNROLL ? packs : Math.floor(packs / UNROLL) + UNROLL - 1);
  return Math.min(runs * Math.min(perRun, run), chunk);
}

function legal(config: RowConfig, problem: ReductionProblem, caps: Capabilities): boolean {
  const { lanes, split } = config;
  if (config.subgroups && !hasSmallState(problem)) return false;
  if (!groupReduceRuns(groupOf(config), caps) || !worthCutting(problem, split, packOf(problem), caps))
    return false;
  const steps = serialSteps(problem, lanes, split) + combineSteps(problem, split, caps);
  return steps <= serialLimit(gridSize(problem.reducedDims));
}

/** Invocations that keep a processor busy on runs shorter than a page, with which to begin takes it longer than to load some elements. */
const BUSY_INVOCATIONS = 2 ** 10;

/** Sums along the innermost axis and any others: each result by one invocation, a subgroup or a workgroup, or by many. */
export const row = defineKernel<ReductionProblem, RowConfig>({
  name: 'reduction/row',
  parts: [
    ...gridParts,
    workgroupIndex,
    source,
    ...Object.values(pack),
    ...Object.values(groupReduce),
    ...combineParts,
    ...everyOperatorPart,
  ],
  space: {
    lanes: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    split: [1, 4, 16, 64, 256, 1024],
    subgroups: [false, true],
  },
  supports(problem) {
    const elements = gridSize(problem.keptDims) * gridSize(problem.reducedDims);
    if (!reducesInnermost(problem))
      return 'the innermost axis is kept, so that a result has no neighbouring elements';
    if (elements === 0) return 'there is nothing to reduce';
    if (elements < packOf(problem)) return `the tensor is smaller than a load of ${PACK_BYTES} bytes`;
    return true;
  },
  legal,
  heuristic(problem, caps) {
    const kept = gridSize(problem.keptDims);
    const reduced = gridSize(problem.reducedDims);
    const runBytes = problem.reducedDims[3] * dtypeSizeBytes(problem.dtype);
    const wanted = powerOfTwo(runBytes / (PACK_BYTES * UNROLL));
    const ofProcessor = hasSmallState(problem) ? processorLanes(runBytes, caps) : 1;
    const most = caps.software ? ofProcessor : WORKGROUP_SIZE;
    const lanes = Math.min(wanted, most);
    const bytesEach = (reduced * dtypeSizeBytes(problem.dtype)) / lanes;
    const split = usefulSplit(caps, kept * lanes, bytesEach);
    const withSubgroups = (config: Pick<RowConfig, 'lanes' | 'split'>): RowConfig => ({
      ...config,
      subgroups:
        hasSmallState(problem) &&
        groupReduceRuns({ workgroupSize: WORKGROUP_SIZE, lanes: config.lanes, subgroups: true }, caps),
    });
    // Many short runs, or few invocations for a long one: more lanes or parts keep the additions in a row within bounds.
    const isShort = caps.software && split === 1 && runBytes < PAGE_BYTES;
    let chosen = isShort ? Math.min(lanes, powerOfTwo(BUSY_INVOCATIONS / kept)) : lanes;
    const cut = (split: number): RowConfig => withSubgroups({ lanes: chosen, split });
    while (chosen < lanes && !legal(cut(split), problem, caps)) chosen *= 2;
    return cut(nearestSplit(split, problem, (parts) => legal(cut(parts), problem, caps)));
  },
  plan(problem, config, caps) {
    const { lanes, split } = config;
    const kept = gridSize(problem.keptDims);
    const group = groupReduceShader(groupOf(config), caps);
    return reductionPlan(problem, split, caps, (operator, stores) => ({
      label: 'reduction/row',
      shader: {
        ...operator,
        extensions: [...operator.extensions!, ...group.extensions],
        constants: { ...operator.constants, ...group.constants, ...gridConstants(problem) },
        parts: [
          ...operator.parts,
          ...gridParts,
          workgroupIndex,
          problem.dtype === 'f16' ? pack.halves : pack.words,
          group.part,
          source,
        ],
      },
      params: reductionParams(problem, cutInto(problem, split, packOf(problem))),
      bindings: [input(0), input(0), stores],
      workgroups: foldWorkgroups(ceilDiv(kept * split * lanes, WORKGROUP_SIZE), caps),
    }));
  },
});
