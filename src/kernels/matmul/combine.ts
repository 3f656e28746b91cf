import { batchCount, type MatmulProblem } from '../../reference/matmul.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { scratch, scratchInput, type Pass, type Plan } from '../../runtime/plan.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { matmulParams, sliceLength } from './params.ts';
import { finishedShader, matmulBindings } from './shader.ts';
import { part } from '../../wgsl/part.ts';
import { matmulTexts } from '../texts.ts';

/** Rows and columns of c that a workgroup combines, as in the shader. */
const ROWS = 16;
const COLUMNS = 64;

const source = part(matmulTexts, 'matmul/combine');

/** What the second pass uses besides what every kernel does. */
export const combinePart: ShaderPart = source;

/**
 * How many tiles of a product there are, or may be at most where rows are in groups: as `tileOf` numbers them.
 *
 * @param height rows of a tile
 * @param width its columns
 */
export function tileCount(problem: MatmulProblem, height: number, width: number): number {
  const { m, n, grouped } = problem;
  const batches = batchCount(problem);
  const rows = grouped ? Math.min(m, Math.floor(m / height) + batches) : batches * ceilDiv(m, height);
  return rows * ceilDiv(n, width);
}

/** Whether k can be cut into so many slices, none of them empty. */
export function canSlice(problem: MatmulProblem, slices: number): boolean {
  if (slices === 1) return true;
  return !problem.grouped && (slices - 1) * sliceLength(problem.k, slices) < problem.k;
}

/** The least stretch of k worth a workgroup of its own: what combining costs must stay small beside it. */
const LEAST_SLICE = 512;

/** A power of two of slices that gives a GPU enough workgroups, as far as k is long enough. */
export function slicesFor(problem: MatmulProblem, workgroups: number, enough: number): number {
  let slices = 1;
  while (
    slices < 16 &&
    2 * slices * workgroups <= enough &&
    problem.k >= 2 * slices * LEAST_SLICE &&
    canSlice(problem, 2 * slices)
  )
    slices *= 2;
  return slices;
}

/** How a kernel makes a product, or its sums over slices of k. */
interface Product {
  readonly label: string;
  readonly shader: ShaderSource;
  /** For one slice. */
  readonly workgroups: number;
  readonly slices: number;
  readonly turned?: boolean;
}

/** One pass, or, where k is cut, one that makes the sums of each slice and one that combines them. */
export function productPlan(problem: MatmulProblem, product: Product, caps: Capabilities): Plan {
  const { label, shader, workgroups, slices, turned = false } = product;
  const { operands, c, terms, decoding, groups, scales } = matmulBindings(problem, turned);
  const pass: Pass = {
    label,
    shader,
    params: matmulParams(problem, slices),
    bindings: [...operands, c, ...terms, ...decoding, ...groups, ...scales],
    workgroups: foldWorkgroups(workgroups * slices, caps),
  };
  if (slices === 1) return { scratchBytes: [], passes: [pass] };
  const { m, n } = problem;
  return {
    scratchBytes: [4 * slices * batchCount(problem) * m * n],
    passes: [
      { ...pass, bindings: [...operands, scratch(0), ...decoding] },
      combinePass(problem, slices, caps),
    ],
  };
}

/** The pass that makes c of the sums over slices of k, which lie in scratch memory. */
export function combinePass(problem: MatmulProblem, slices: number, caps: Capabilities): Pass {
  const { c, terms, scales } = matmulBindings(problem);
  const combine = finishedShader(problem, []);
  return {
    label: 'matmul/combine',
    shader: { ...combine, parts: [...combine.parts, source] },
    params: matmulParams(problem, slices),
    bindings: [scratchInput(0), c, ...terms, ...scales],
    workgroups: foldWorkgroups(tileCount(problem, ROWS, COLUMNS), caps),
  };
}
