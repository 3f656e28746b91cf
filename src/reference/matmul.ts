import { ACTIVATIONS, type Activation, type Limits } from './activation.ts';

/** One number for each of up to four batch axes, outermost first. */
export type PerBatchAxis = readonly [number, number, number, number];

/** Where the elements of a tensor that takes part in a product lie: offset and strides count elements. */
interface Layout {
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
  readonly b: MatrixLayout;
  readonly c: ResultLayout;
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
}

/** Number of products in a batch grid, or of groups of rows. */
export function batchCount({ batchDims }: Pick<MatmulProblem, 'batchDims'>): number {
  return batchDims[0] * batchDims[1] * batchDims[2] * batchDims[3];
}

/** Columns of c: all of the product's, or half of them. */
export function resultColumns({ n, gated }: Pick<MatmulProblem, 'n' | 'gated'>): number {
  return gated ? n / 2 : n;
}

/** Where the `batch`-th matrix of a tensor starts. */
export function batchOffset(batch: number, dims: PerBatchAxis, { batchStrides, offset }: Layout): number {
  let rest = batch;
  let start = offset;
  for (let axis = 3; axis >= 0; axis--) {
    const index = rest % dims[axis]!;
    rest = (rest - index) / dims[axis]!;
    start += index * batchStrides[axis]!;
  }
  return start;
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
  problem: Pick<MatmulProblem, MatmulTerm | 'grouped'>,
  inputs: readonly T[],
): MatmulInputs<T> {
  const [a, b, ...rest] = inputs;
  const next = (term: Term | ScaleLayout | undefined): T | undefined =>
    term === undefined || term === 'inPlace' ? undefined : rest.shift();
  return {
    a: a!,
    b: b!,
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
  readonly [Name in MatmulTerm | 'offsets']: T | undefined;
};

/**
 * The definition of matmul, in f64. Writes into `c`, which has as many elements as the result's tensor, and leaves what
 * lies between its rows alone.
 */
export function matmulReference(
  problem: MatmulProblem,
  inputs: readonly Float64Array[],
  c: Float64Array = new Float64Array(problem.c.elements).fill(NaN),
): Float64Array {
  const { m, n, k, batchDims, alpha, beta, gated, limits } = problem;
  const { a, b, offsets, scaleA, scaleB, ...terms } = matmulInputs(problem, inputs);
  const { ai, ap, bp, bj } = operandStrides(problem);
  const activate = ACTIVATIONS[problem.activation];
  const columns = resultColumns(problem);
  const row = new Float64Array(n);
  const before = problem.addend === 'inPlace' || problem.residual === 'inPlace' ? c.slice() : c;
  const term = (name: keyof typeof terms, batch: number, i: number): ((j: number) => number) => {
    const layout = problem[name];
    if (!layout) return () => 0;
    const own = layout === 'inPlace';
    const values = own ? before : terms[name]!;
    const { strideI, strideJ } = own ? { strideI: problem.c.lineStride, strideJ: 1 } : layout;
    const start = batchOffset(batch, batchDims, own ? problem.c : layout) + i * strideI;
    return (j) => values[start + j * strideJ]!;
  };
  const columnScale = (batch: number, j: number): number =>
    scaleB?.[batch * problem.scaleB!.batchStride + j] ?? 1;
  for (let batch = 0; batch < batchCount(problem); batch++) {
    const aStart = batchOffset(batch, batchDims, problem.a);
    const bStart = batchOffset(batch, batchDims, problem.b);
    const cStart = batchOffset(batch, batchDims, problem.c);
    const end = offsets ? Math.min(m, offsets[batch + 1]!) : m;
    for (let i = offsets ? offsets[batch]! : 0; i < end; i++) {
      row.fill(0);
      for (let p = 0; p < k; p++) {
        const factor = a[aStart + i * ai + p * ap]!;
        const start = bStart + p * bp;
        for (let j = 0; j < n; j++) row[j]! += factor * b[start + j * bj]!;
      }
      if (problem.accumulate === 'i32') for (let j = 0; j < n; j++) row[j] = row[j]! | 0;
      const rowScale = scaleA?.[batch * problem.scaleA!.batchStride + i] ?? 1;
      const bias = term('bias', batch, i);
      const addend = term('addend', batch, i);
      const residual = term('residual', batch, i);
      for (let j = 0; j < n; j++)
        row[j] = alpha * rowScale * columnScale(batch, j) * row[j]! + bias(j) + beta * addend(j);
      const into = cStart + i * problem.c.lineStride;
      for (let j = 0; j < columns; j++) {
        const x = activate(row[j]!, limits);
        c[into + j] = (gated ? x * row[columns + j]! : x) + residual(j);
      }
    }
  }
  return c;
}
