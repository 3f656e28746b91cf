import { gridSize } from '../../reference/grids.ts';
import { reductionDivisor, type ReductionProblem } from '../../reference/reduction.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { f32, u32 } from '../../runtime/params.ts';
import { output, scratch, scratchInput, type Binding, type Pass, type Plan } from '../../runtime/plan.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { groupReduce, groupReduceShader } from '../invocationGroups.ts';
import { workgroupIndex } from '../lib.ts';
import { storeResult } from './snippets.ts';
import { operatorShader, stateSizeBytes } from './operator.ts';
import { part } from '../../wgsl/part.ts';
import { reductionTexts } from '../texts.ts';

const source = part(reductionTexts, 'reduction/combine');
const parts = [groupReduce.workgroup, workgroupIndex, source];

/** Parts of the second pass, for kernels' `parts`. */
export const combineParts: readonly ShaderPart[] = [...parts, ...Object.values(storeResult)];

const WORKGROUP_SIZE = 256;

/** Results that keep a processor busy without sharing any among invocations, for which it would need barriers. */
const BUSY_RESULTS = 64;

/** Invocations that combine the parts of one result. */
function lanesFor({ keptDims }: ReductionProblem, split: number, caps: Capabilities): number {
  if (caps.software && gridSize(keptDims) >= BUSY_RESULTS) return 1;
  return split > (caps.software ? 1024 : 64) ? 256 : 16;
}

/** Whether there is a second pass: to combine parts, or because it alone stores more than one result. */
function needsCombining({ kind }: ReductionProblem, split: number): boolean {
  return split > 1 || kind === 'moments';
}

/** States that an invocation of the second pass combines one after the other. */
export function combineSteps(problem: ReductionProblem, split: number, caps: Capabilities): number {
  return split === 1 ? 0 : ceilDiv(split, lanesFor(problem, split, caps));
}

/** How the states of a reduction lie whose elements were taken slice by slice: those of a slice are [results, split]. */
interface Slices {
  /** Slices that follow each other and have states of the same results. */
  readonly perResult: number;
  /** Results that a slice has states of. */
  readonly resultsEach: number;
  /** States from one slice to the next. */
  readonly stride: number;
}

/** The pass that makes results of the states [kept, split], or of all slices' states, that earlier passes left in scratch 0. */
export function combinePass(
  problem: ReductionProblem,
  split: number,
  caps: Capabilities,
  slices?: Slices,
): Pass {
  const operator = operatorShader(problem);
  const moments = problem.kind === 'moments';
  const kept = gridSize(problem.keptDims);
  const { perResult, resultsEach, stride } = slices ?? {
    perResult: 1,
    resultsEach: Math.max(1, kept),
    stride: 0,
  };
  const lanes = lanesFor(problem, perResult * split, caps);
  const group = groupReduceShader({ workgroupSize: WORKGROUP_SIZE, lanes, subgroups: false }, caps);
  return {
    label: 'reduction/combine',
    shader: {
      ...operator,
      constants: { ...operator.constants, ...group.constants },
      parts: [...operator.parts, ...parts, moments ? storeResult.moments : storeResult.one],
    },
    params: {
      kept: u32(kept),
      split: u32(split),
      perResult: u32(perResult),
      resultsEach: u32(resultsEach),
      stride: u32(stride),
      reduced: u32(gridSize(problem.reducedDims)),
      divisor: f32(reductionDivisor(problem)),
    },
    bindings: [scratchInput(0), output(0), ...(moments ? [output(1)] : [])],
    workgroups: foldWorkgroups(ceilDiv(kept * lanes, WORKGROUP_SIZE), caps),
  };
}

/**
 * The plan of a pass over the elements: it stores results, or states for a second pass, or states alone where the problem is a
 * slice of a larger one.
 */
export function reductionPlan(
  problem: ReductionProblem,
  split: number,
  caps: Capabilities,
  pass: (operator: ShaderSource, stores: Binding) => Pass,
): Plan {
  if (problem.sliceFrom !== undefined) {
    return { scratchBytes: [], passes: [pass(operatorShader(problem, true), output(0))] };
  }
  if (!needsCombining(problem, split)) {
    return { scratchBytes: [], passes: [pass(operatorShader(problem), output(0))] };
  }
  return {
    scratchBytes: [gridSize(problem.keptDims) * split * stateSizeBytes(problem)],
    passes: [pass(operatorShader(problem, true), scratch(0)), combinePass(problem, split, caps)],
  };
}
