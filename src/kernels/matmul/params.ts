import { f32, u32, vec4u, type Params } from '../../runtime/params.ts';
import {
  batchCount,
  operandStrides,
  rowMajor,
  type MatmulProblem,
  type MatrixLayout,
  type PerBatchAxis,
  type Term,
  type TermLayout,
} from '../../reference/matmul.ts';
import { ceilDiv } from '../define.ts';
import { part } from '../../wgsl/part.ts';
import { matmulTexts } from '../texts.ts';

/** The declaration of `Params`. */
export const paramsPart = part(matmulTexts, 'matmul/params');

/** Strides of a term that has no memory of its own. */
const NO_TERM = {
  strideI: 0,
  strideJ: 0,
  offset: 0,
  batchStrides: [0, 0, 0, 0],
} as const satisfies Omit<TermLayout, 'dtype' | 'elements'>;

/** What the stretches are multiples of that k is cut into, so that they start where vectors of any kernel do. */
const SLICE_STEP = 64;

/** The stretch of k that each of a number of slices sums over; the last may be shorter. */
export function sliceLength(k: number, slices: number): number {
  return ceilDiv(k, slices * SLICE_STEP) * SLICE_STEP;
}

/** The matrices that an operand has of its own, without those that broadcasting repeats, as a dense grid of batches. */
export function ownMatrices(
  dims: PerBatchAxis,
  { batchStrides }: Pick<MatrixLayout, 'batchStrides'>,
): {
  readonly count: number;
  readonly dims: PerBatchAxis;
  /** From batch to batch, in matrices. */
  readonly strides: PerBatchAxis;
} {
  const own = dims.map((size, axis) => (batchStrides[axis] === 0 ? 1 : size)) as unknown as PerBatchAxis;
  const dense = rowMajor(own, 1);
  const strides = dense.map((stride, axis) => (own[axis] === 1 ? 0 : stride)) as unknown as PerBatchAxis;
  return { count: batchCount({ batchDims: own }), dims: own, strides };
}

/** Batch strides of what an operand has `size` of for each of its matrices. */
export function ownStrides(
  dims: PerBatchAxis,
  operand: Pick<MatrixLayout, 'batchStrides'>,
  size: number,
): PerBatchAxis {
  return ownMatrices(dims, operand).strides.map((stride) => stride * size) as unknown as PerBatchAxis;
}

/**
 * The uniform block of every matmul kernel.
 *
 * @param slices into how many stretches k is cut
 */
export function matmulParams(problem: MatmulProblem, slices = 1): Params {
  const { a, b, c } = problem;
  const strides = (term: Term | undefined): typeof NO_TERM | TermLayout =>
    term === undefined || term === 'inPlace' ? NO_TERM : term;
  const bias = strides(problem.bias);
  const addend = strides(problem.addend);
  const residual = strides(problem.residual);
  const { ai, ap, bp, bj } = operandStrides(problem);
  return {
    m: u32(problem.m),
    n: u32(problem.n),
    k: u32(problem.k),
    batches: u32(batchCount(problem)),
    kSlice: u32(slices === 1 ? problem.k : sliceLength(problem.k, slices)),
    slices: u32(slices),
    strideAi: u32(ai),
    strideAp: u32(ap),
    strideBp: u32(bp),
    strideBj: u32(bj),
    strideCi: u32(c.lineStride),
    offsetA: u32(a.offset),
    offsetB: u32(b.offset),
    offsetC: u32(c.offset),
    alpha: f32(problem.alpha),
    beta: f32(problem.beta),
    clipMin: f32(problem.limits[0]),
    clipMax: f32(problem.limits[1]),
    strideScaleABatch: u32(problem.scaleA?.batchStride ?? 0),
    strideScaleBBatch: u32(problem.scaleB?.batchStride ?? 0),
    offsetScaleA: u32(problem.scaleA?.offset ?? 0),
    offsetScaleB: u32(problem.scaleB?.offset ?? 0),
    firstGroup: u32(problem.firstGroup),
    strideBiasBatch: u32(bias.batchStrides[3]),
    strideBiasJ: u32(bias.strideJ),
    offsetBias: u32(bias.offset),
    strideAddendI: u32(addend.strideI),
    strideAddendJ: u32(addend.strideJ),
    offsetAddend: u32(addend.offset),
    strideResidualI: u32(residual.strideI),
    strideResidualJ: u32(residual.strideJ),
    offsetResidual: u32(residual.offset),
    batchDims: vec4u(problem.batchDims),
    batchStridesA: vec4u(a.batchStrides),
    batchStridesB: vec4u(b.batchStrides),
    batchStridesC: vec4u(c.batchStrides),
    batchStridesAddend: vec4u(addend.batchStrides),
    batchStridesResidual: vec4u(residual.batchStrides),
    batchStridesRows: vec4u(ownStrides(problem.batchDims, a, problem.m)),
    batchStridesColumns: vec4u(ownStrides(problem.batchDims, b, problem.n)),
  };
}
