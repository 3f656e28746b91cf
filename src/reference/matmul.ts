import type { Activation, Limits } from './activation.ts';
import { CODINGS, type BlockLayout } from './coding.ts';

/** One number for each of up to four batch axes, outermost first. */
export type PerBatchAxis = readonly [number, number, number, number];

/** Where the elements of a tensor that takes part in a product lie: offset and strides count elements. */
export interface Layout {
  /** Distance to the matrix of the next batch along an axis; 0 where it is broadcast. */
  readonly batchStrides: PerBatchAxis;
  /** Of the first element. */
  readonly offset: number;
  /** Of the whole tensor, which may have more than the product touches. */
  readonly elements: number;
}

/** An operand: a matrix stored by lines. */
export interface MatrixLayout extends Layout {
  readonly dtype: 'f32' | 'f16' | 'bf16' | 'i8';
  /** Stored as its transpose: a as [k, m], b as [n, k]. */
  readonly transposed: boolean;
  /** From one stored line to the next; within a line, elements are neighbours. */
  readonly lineStride: number;
  /** Whether zeros follow each line, up to a multiple of 8 elements. */
  readonly padded: boolean;
}

/**
 * Weights b in a few bits each, stored as [n, k] by rows of whole blocks; offset and strides count weights. What fills rows up
 * counts for nothing, but must stand for finite numbers, since kernels may multiply it by 0.
 */
export interface QuantizedLayout extends Layout, BlockLayout {
  readonly transposed: true;
  readonly scaleType: 'f32' | 'f16';
  /** Whether each block has a zero point of its own. */
  readonly zeroPoints: boolean;
}

/** Whether an operand is to be decoded. */
export function isQuantized(b: MatrixLayout | QuantizedLayout): b is QuantizedLayout {
  return Object.hasOwn(CODINGS, b.dtype);
}

/** The result, stored by rows. */
export interface ResultLayout extends Layout {
  /** i32 for sums of integers as they are. */
  readonly dtype: 'f32' | 'f16' | 'i32';
  readonly lineStride: number;
}

/** Factors of the rows or of the columns of a product, one behind the other. */
export interface ScaleLayout {
  readonly dtype: 'f32' | 'f16';
  /** From the factors of one batch to those of the next; 0 where all share them. */
  readonly batchStride: number;
  /** Of the first. */
  readonly offset: number;
  readonly elements: number;
}

/** A term that is added to each element of a product; strides of 0 broadcast it. */
export interface TermLayout extends Layout {
  readonly dtype: 'f32' | 'f16';
  readonly strideI: number;
  readonly strideJ: number;
}

/** A term, or that what the result's own elements hold before is meant. */
export type Term = TermLayout | 'inPlace';

/**
 * `c = activation(alpha scaleA scaleB a b + bias + beta addend) + residual` for a in [m, k] and b in [k, n], in each of a
 * grid of batches; the scales are factors of rows and of columns of the product. Products of i8 are summed in i32, modulo
 * 2^32; a result of i32 is those sums, with nothing done to them. A `gated` product has its n columns in two halves, g and u, and half as many columns of c:
 * `c = activation(g) * u + residual`, as in SwiGLU (Shazeer, GLU Variants Improve Transformer, arXiv 2002.05202).
 */
export interface MatmulProblem {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Sizes of the batch grid, 1 for axes that are not used. */
  readonly batchDims: PerBatchAxis;
  readonly a: MatrixLayout;
  readonly b: MatrixLayout | QuantizedLayout;
  readonly c: ResultLayout;
  /**
   * How operands of f32 are multiplied: as they are, or, as a permission, by parts of half precision on tensor cores,
   * within the same bound on errors. Always `full` for other operands.
   */
  readonly precision: 'full' | 'split';
  /**
   * Type of the sums: i32 for operands of i8, and only for them; f16 only for operands and results of f16, and then as a
   * permission, not a demand.
   */
  readonly accumulate: 'f32' | 'f16' | 'i32';
  readonly alpha: number;
  readonly beta: number;
  readonly scaleA: ScaleLayout | undefined;
  readonly scaleB: ScaleLayout | undefined;
  readonly bias: TermLayout | undefined;
  readonly addend: Term | undefined;
  readonly residual: Term | undefined;
  readonly activation: Activation;
  /** Of the activation `clip`. */
  readonly limits: Limits;
  readonly gated: boolean;
  /**
   * Rows are in groups, and the batch grid counts those: group g has a matrix b of its own, and the rows of a and c from the
   * g-th of an input of offsets to the next.
   */
  readonly grouped: boolean;
  /** Which of the offsets is the first group's; 0 unless the groups are a slice of more. */
  readonly firstGroup: number;
}

/** Number of products in a batch grid, or of groups of rows. */
export function batchCount({ batchDims }: Pick<MatmulProblem, 'batchDims'>): number {
  return batchDims[0] * batchDims[1] * batchDims[2] * batchDims[3];
}

/** Matrices that c has: groups share one. */
export const resultBatches = (problem: MatmulProblem): number => (problem.grouped ? 1 : batchCount(problem));

/** Batch strides of matrices of `size` elements that lie one behind the other. */
export function rowMajor(dims: PerBatchAxis, size: number): PerBatchAxis {
  return [dims[1] * dims[2] * dims[3] * size, dims[2] * dims[3] * size, dims[3] * size, size];
}

/** Columns of c: all of the product's, or half of them. */
export function resultColumns({ n, gated }: Pick<MatmulProblem, 'n' | 'gated'>): number {
  return gated ? n / 2 : n;
}

/** Distances between neighbours of a(i, p) and of b(p, j). */
export function operandStrides({ a, b }: Pick<MatmulProblem, 'a' | 'b'>): {
  readonly ai: number;
  readonly ap: number;
  readonly bp: number;
  readonly bj: number;
} {
  return {
    ai: a.transposed ? 1 : a.lineStride,
    ap: a.transposed ? a.lineStride : 1,
    bp: b.transposed ? 1 : b.lineStride,
    bj: b.transposed ? b.lineStride : 1,
  };
}

/** What a product may have besides its operands. */
export type MatmulTerm = 'scaleA' | 'scaleB' | 'bias' | 'addend' | 'residual';

/** What a product is made of, in the order of the operation's inputs: terms that are no inputs are left out. */
export function matmulInputs<T>(
  problem: Pick<MatmulProblem, 'b' | MatmulTerm | 'grouped'>,
  inputs: readonly T[],
): MatmulInputs<T> {
  const [a, b, ...rest] = inputs;
  const next = (term: Term | ScaleLayout | undefined): T | undefined =>
    term === undefined || term === 'inPlace' ? undefined : rest.shift();
  return {
    a: a!,
    b: b!,
    scales: isQuantized(problem.b) ? rest.shift() : undefined,
    zeroPoints: isQuantized(problem.b) && problem.b.zeroPoints ? rest.shift() : undefined,
    scaleA: next(problem.scaleA),
    scaleB: next(problem.scaleB),
    bias: next(problem.bias),
    addend: next(problem.addend),
    residual: next(problem.residual),
    offsets: problem.grouped ? rest.shift() : undefined,
  };
}

/** Of each argument of a product, something. */
export type MatmulInputs<T> = { readonly a: T; readonly b: T } & {
  readonly [Name in MatmulTerm | 'scales' | 'zeroPoints' | 'offsets']: T | undefined;
};
