import { ACTIVATIONS, type Activation } from './activation.ts';

/** One number for each of up to four batch axes, outermost first. */
export type PerBatchAxis = readonly [number, number, number, number];

/**
 * `c[b, i, j] = activation(sum over p of a[b, i, p] * b[b, p, j] + bias[j])` for a in [m, k] (stored [k, m] if
 * `transposeA`), b in [k, n] (stored [n, k] if `transposeB`), c in [m, n], in each of a grid of batches.
 */
export interface MatmulProblem {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Type of the operands and the result; sums are made in f32. */
  readonly dtype: 'f32' | 'f16';
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** Sizes of the batch grid, 1 for axes that are not used. */
  readonly batchDims: PerBatchAxis;
  /** How many matrices further the operand of the next batch along an axis is; 0 where it is broadcast. */
  readonly batchStridesA: PerBatchAxis;
  readonly batchStridesB: PerBatchAxis;
  /** Matrices in each operand. */
  readonly matricesA: number;
  readonly matricesB: number;
  /** A third input of n elements is added to each row. */
  readonly bias: boolean;
  readonly activation: Activation;
}

/** Number of products in a batch grid. */
export function batchCount(problem: Pick<MatmulProblem, 'batchDims'>): number {
  return problem.batchDims.reduce((count, size) => count * size, 1);
}

/** Which matrices of the operands the `batch`-th product multiplies. */
function operandMatrices(problem: MatmulProblem, batch: number): { readonly a: number; readonly b: number } {
  let rest = batch;
  let a = 0;
  let b = 0;
  for (let axis = 3; axis >= 0; axis--) {
    const size = problem.batchDims[axis]!;
    const index = rest % size;
    rest = (rest - index) / size;
    a += index * problem.batchStridesA[axis]!;
    b += index * problem.batchStridesB[axis]!;
  }
  return { a, b };
}

/** The definition of matmul, in f64. */
export function matmulReference(
  problem: MatmulProblem,
  a: Float64Array,
  b: Float64Array,
  bias?: Float64Array,
): Float64Array {
  const { m, n, k, transposeA, transposeB } = problem;
  const activate = ACTIVATIONS[problem.activation];
  const c = new Float64Array(batchCount(problem) * m * n);
  for (let batch = 0; batch < batchCount(problem); batch++) {
    const matrices = operandMatrices(problem, batch);
    const aStart = matrices.a * m * k;
    const bStart = matrices.b * k * n;
    for (let i = 0; i < m; i++) {
      const row = c.subarray((batch * m + i) * n, (batch * m + i + 1) * n);
      for (let p = 0; p < k; p++) {
        const factor = a[aStart + (transposeA ? p * m + i : i * k + p)]!;
        if (transposeB) for (let j = 0; j < n; j++) row[j]! += factor * b[bStart + j * k + p]!;
        else for (let j = 0; j < n; j++) row[j]! += factor * b[bStart + p * n + j]!;
      }
      for (let j = 0; j < n; j++) row[j] = activate(row[j]! + (bias ? bias[j]! : 0));
    }
  }
  return c;
}
