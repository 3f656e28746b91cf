import {
  batchCount,
  batchOffset,
  matmulInputs,
  matmulReference,
  resultColumns,
  type MatmulProblem,
  type MatrixLayout,
  type PerBatchAxis,
  type ResultLayout,
  type ScaleLayout,
  type Term,
  type TermLayout,
} from '../../reference/matmul.ts';
import { dtypeSizeBytes, type DType, type TensorSpec } from '../../tensor.ts';
import { activationError } from '../activationError.ts';
import type { Contract } from '../define.ts';
import { roundingUnit, summationError } from '../rounding.ts';

/** Operands, the scales and terms that there are, offsets of groups; each in its tensor's own layout, so as a line of elements. */
function inputSpecs(problem: MatmulProblem): readonly TensorSpec[] {
  const { a, b, scaleA, scaleB, bias, addend, residual, grouped } = problem;
  const layouts = [a, b, scaleA, scaleB, bias, addend, residual]
    .filter((layout) => layout !== undefined && layout !== 'inPlace')
    .map(({ elements, dtype }): TensorSpec => ({ shape: [elements], dtype }));
  return grouped ? [...layouts, { shape: [batchCount(problem) + 1], dtype: 'u32' }] : layouts;
}

export const matmulContract: Contract<MatmulProblem> = {
  name: 'matmul',
  inputs: inputSpecs,
  outputs: ({ c }) => [{ shape: [c.elements], dtype: c.dtype }],
  key: (p) =>
    `${p.m},${p.n},${p.k},${p.batchDims.join()};${matrixKey(p.a)};${matrixKey(p.b)};${resultKey(p.c)};` +
    `${p.accumulate},${p.alpha},${p.beta};${scaleKey(p.scaleA)};${scaleKey(p.scaleB)};` +
    `${termKey(p.bias)};${termKey(p.addend)};${termKey(p.residual)};` +
    `${p.activation},${p.limits.join()},${p.gated},${p.grouped}`,
  dtype: ({ a, b }) => (a.dtype === b.dtype ? a.dtype : 'f32'),
  shapeClass({ m, n, k }) {
    if (m === 1 || n === 1) return 'vector';
    if (Math.min(m, n) <= 16) return 'skinny';
    const size = Math.cbrt(m * n * k);
    return size < 512 ? 'small' : size < 2048 ? 'medium' : 'large';
  },
  flops: (problem) => 2 * resultBatches(problem) * problem.m * problem.n * problem.k,
  bytes(problem) {
    const { m, n, k, batchDims, a, b, c, scaleA, scaleB, bias, addend, residual } = problem;
    const columns = resultColumns(problem);
    const of = (layout: { dtype: DType; batchStrides: PerBatchAxis }, size: number): number =>
      distinctMatrices(batchDims, layout.batchStrides) * size * dtypeSizeBytes(layout.dtype);
    const term = (layout: Term | undefined, width: number): number => {
      if (!layout) return 0;
      if (layout === 'inPlace') return of(c, m * width);
      return of(layout, (layout.strideI === 0 ? 1 : m) * (layout.strideJ === 0 ? 1 : width));
    };
    const scales = (layout: ScaleLayout | undefined): number =>
      layout ? layout.elements * dtypeSizeBytes(layout.dtype) : 0;
    return (
      of(a, m * k) +
      of(b, k * n) +
      of(c, m * columns) +
      scales(scaleA) +
      scales(scaleB) +
      term(bias, n) +
      term(addend, n) +
      term(residual, columns)
    );
  },
  reference: (problem, inputs, outputs) => [matmulReference(problem, inputs, outputs?.[0])],
  errorBound,
};

const matrixKey = ({ dtype, transposed, lineStride, batchStrides, offset }: MatrixLayout): string =>
  `${dtype},${transposed},${lineStride},${batchStrides.join()},${offset}`;

const resultKey = ({ dtype, lineStride, batchStrides, offset, elements }: ResultLayout): string =>
  `${dtype},${lineStride},${batchStrides.join()},${offset},${elements}`;

const scaleKey = (scale: ScaleLayout | undefined): string =>
  scale ? `${scale.dtype},${scale.batchStride}` : '';

const termKey = (term: Term | undefined): string =>
  term === 'inPlace'
    ? term
    : term
      ? `${term.dtype},${term.strideI},${term.strideJ},${term.batchStrides.join()},${term.offset}`
      : '';

/** Matrices that the products touch, those shared by broadcasting counted once. */
function distinctMatrices(dims: PerBatchAxis, strides: PerBatchAxis): number {
  return dims.reduce((count, size, axis) => (strides[axis] === 0 ? count : count * size), 1);
}

/** Matrices that c has: groups share one. */
const resultBatches = (problem: MatmulProblem): number => (problem.grouped ? 1 : batchCount(problem));

/**
 * The error of summing k products and up to two terms in the type of the sums (`summationError`), where scales count as two
 * terms more; then that of the activation, of the gate and the residual, and of storing. Sums of integers are exact: what is
 * left is their conversion to f32, one rounding instead of k.
 */
function errorBound(
  problem: MatmulProblem,
  inputs: readonly Float64Array[],
  [expected]: readonly Float64Array[],
): readonly Float64Array[] {
  if (problem.c.dtype === 'i32') return [new Float64Array(expected!.length)];
  const { m, n, k, batchDims, alpha, beta, gated, activation, accumulate } = problem;
  const roundings = (accumulate === 'i32' ? 1 : k) + 2 + (problem.scaleA ? 1 : 0) + (problem.scaleB ? 1 : 0);
  const columns = resultColumns(problem);
  // The sums before anything but addition was done to them, row by row.
  const plain: MatmulProblem = {
    ...problem,
    activation: 'none',
    gated: false,
    residual: undefined,
    c: {
      dtype: 'f32',
      offset: 0,
      lineStride: n,
      batchStrides: problem.grouped ? [0, 0, 0, 0] : rowMajor(batchDims, m * n),
      elements: resultBatches(problem) * m * n,
    },
  };
  const given = matmulInputs(problem, inputs);
  const terms = [given.a, given.b, given.scaleA, given.scaleB, given.bias, given.addend].filter(
    (values) => values !== undefined,
  );
  const offsets = given.offsets ? [given.offsets] : [];
  // Magnitudes and squares do not wrap around as sums of integers do.
  const over = (of: (value: number) => number, type: MatmulProblem['accumulate']): Float64Array =>
    matmulReference({ ...plain, accumulate: type, alpha: of(alpha), beta: of(beta) }, [
      ...terms.map((values) => values.map(of)),
      ...offsets,
    ]);
  const sums = over((value) => value, accumulate);
  const magnitudes = over(Math.abs, 'f32');
  const squares = over((value) => value * value, 'f32');
  const sumError = (at: number): number =>
    summationError(roundings, magnitudes[at]!, sums[at]!, squares[at]!, accumulate === 'f16' ? 'f16' : 'f32');
  const { residual } = given;
  const stored = roundingUnit(problem.c.dtype);
  const added = roundingUnit('f32');
  const bounds = new Float64Array(expected!.length);
  for (let batch = 0; batch < resultBatches(problem); batch++) {
    const start = batchOffset(batch, batchDims, problem.c);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < columns; j++) {
        const at = (batch * m + i) * n + j;
        const index = start + i * problem.c.lineStride + j;
        let error = activationError(activation, sums[at]!, sumError(at));
        if (gated) {
          const factor = Math.abs(sums[at + columns]!);
          const factorError = sumError(at + columns);
          // |activation(x)| is at most |x|, or 1.
          const value = Math.max(1, Math.abs(sums[at]!)) + error;
          error = error * factor + value * (factorError + added * factor);
        }
        if (residual) error += added * (Math.abs(expected![index]!) + Math.abs(residualAt(batch, i, j)));
        bounds[index] = error + stored * (Math.abs(expected![index]!) + error);
      }
    }
  }
  return [bounds];

  function residualAt(batch: number, i: number, j: number): number {
    const layout = problem.residual as TermLayout;
    return residual![batchOffset(batch, batchDims, layout) + i * layout.strideI + j * layout.strideJ]!;
  }
}

/** Batch strides of matrices of `size` elements that lie one behind the other. */
export function rowMajor(dims: PerBatchAxis, size: number): PerBatchAxis {
  return [dims[1] * dims[2] * dims[3] * size, dims[2] * dims[3] * size, dims[3] * size, size];
}
