import { gridSize, type ReductionProblem } from '../../reference/reduction.ts';
import { u32, vec4u, type Params } from '../../runtime/params.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import paramsSource from '../../../shaders/reduction/params.wgsl?raw';

/** The declaration of `Params`. */
export const paramsPart: ShaderPart = { path: 'reduction/params.wgsl', code: paramsSource };

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
  };
}
