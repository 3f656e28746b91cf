import type { Params } from '../../runtime/params.ts';
import { u32, vec4u } from '../../runtime/params.ts';
import { batchCount, type MatmulProblem, type PerBatchAxis } from '../../reference/matmul.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import paramsSource from '../../../shaders/matmul/params.wgsl?raw';

/** The declaration of `Params`. */
export const paramsPart: ShaderPart = { path: 'matmul/params.wgsl', code: paramsSource };

/** The uniform block of every matmul kernel. */
export function matmulParams(problem: MatmulProblem): Params {
  const { m, n, k, transposeA, transposeB } = problem;
  const elements = (strides: PerBatchAxis, matrix: number): PerBatchAxis =>
    strides.map((stride) => stride * matrix) as unknown as PerBatchAxis;
  return {
    m: u32(m),
    n: u32(n),
    k: u32(k),
    strideAi: u32(transposeA ? 1 : k),
    strideAp: u32(transposeA ? m : 1),
    strideBp: u32(transposeB ? 1 : n),
    strideBj: u32(transposeB ? k : 1),
    batches: u32(batchCount(problem)),
    batchDims: vec4u(problem.batchDims),
    batchStridesA: vec4u(elements(problem.batchStridesA, m * k)),
    batchStridesB: vec4u(elements(problem.batchStridesB, k * n)),
  };
}
