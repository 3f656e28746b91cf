import { gridSize } from '../../reference/grids.ts';
import { reductionDivisor, type ReductionProblem } from '../../reference/reduction.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { f32, u32, vec4u, type Params } from '../../runtime/params.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { ceilDiv } from '../define.ts';
import { broadcast } from '../lib.ts';
import { stateSizeBytes } from './operator.ts';
import { gridOffset } from './snippets.ts';
import { part } from '../../wgsl/part.ts';
import { reductionTexts } from '../texts.ts';

/** The declaration of `Params`. */
export const paramsPart = part(reductionTexts, 'reduction/params');

/** What kernels need to find elements. */
export const gridParts: readonly ShaderPart[] = [paramsPart, broadcast, gridOffset];

/** What `gridParts` expect. */
export function gridConstants({
  keptDims,
  reducedDims,
}: ReductionProblem): Required<ShaderSource>['constants'] {
  return {
    ONE_KEPT_AXIS: keptDims[3] === gridSize(keptDims),
    ONE_REDUCED_AXIS: reducedDims[3] === gridSize(reducedDims),
  };
}

/** Cuts each reduction into `split` parts of `chunk` elements; the last may be shorter, or empty. */
export interface Cut {
  readonly split: number;
  readonly chunk: number;
}

/** The uniform block of every kernel that reads the operation's input. */
export function reductionParams(problem: ReductionProblem, { split, chunk }: Cut): Params {
  return {
    kept: u32(gridSize(problem.keptDims)),
    reduced: u32(gridSize(problem.reducedDims)),
    split: u32(split),
    chunk: u32(chunk),
    keptDims: vec4u(problem.keptDims),
    keptStrides: vec4u(problem.keptStrides),
    reducedDims: vec4u(problem.reducedDims),
    reducedStrides: vec4u(problem.reducedStrides),
    divisor: f32(reductionDivisor(problem)),
    first: u32(problem.sliceFrom ?? 0),
  };
}

/** Cuts each reduction into parts whose length is a multiple of `unit`, as even as that allows. */
export function cutInto(problem: ReductionProblem, split: number, unit = 1): Cut {
  const reduced = gridSize(problem.reducedDims);
  return { split, chunk: split === 1 ? reduced : ceilDiv(ceilDiv(reduced, split), unit) * unit };
}

/**
 * So many parts as are wanted, or the nearest number tried that is legal. Additions one after the other, within parts and then of
 * parts, are fewest where there are as many parts as elements in each.
 */
export function nearestSplit(
  wanted: number,
  problem: ReductionProblem,
  isLegal: (split: number) => boolean,
): number {
  const even = Math.ceil(Math.sqrt(gridSize(problem.reducedDims)));
  let split = wanted;
  while (split !== even && !isLegal(split)) {
    split = split < even ? Math.min(even, 2 * split) : Math.max(even, Math.ceil(split / 2));
  }
  return split;
}

/** Whether there is something to do for each of `split` parts of `unit` elements or more, and room for their states. */
export function worthCutting(
  problem: ReductionProblem,
  split: number,
  unit: number,
  caps: Capabilities,
): boolean {
  if (split === 1) return true;
  const sizeBytes = gridSize(problem.keptDims) * split * stateSizeBytes(problem);
  return (
    split * unit <= gridSize(problem.reducedDims) && sizeBytes <= caps.limits.maxStorageBufferBindingSize
  );
}
