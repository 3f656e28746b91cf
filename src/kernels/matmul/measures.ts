import { blockLength, CODINGS } from '../../reference/coding.ts';
import {
  isQuantized,
  resultBatches,
  resultColumns,
  type MatmulProblem,
  type PerBatchAxis,
  type QuantizedLayout,
  type ScaleLayout,
  type Term,
} from '../../reference/matmul.ts';
import { dtypeSizeBytes, type DType } from '../../tensor.ts';
import type { OwnMeasures } from '../define.ts';

export const matmulMeasures: OwnMeasures<MatmulProblem> = {
  dtype: ({ a, b }) => (isQuantized(b) || a.dtype === b.dtype ? a.dtype : 'f32'),
  // Tuned apart is what other kernels compete for: quantised weights, mixed types, parts of half precision, each layout.
  shapeClass(problem) {
    const { a, b, precision } = problem;
    const size = sizeClass(problem);
    if (isQuantized(b)) return `${b.dtype}-${size}`;
    const layout = `${a.transposed ? 't' : 'n'}${b.transposed ? 't' : 'n'}`;
    const types = a.dtype === b.dtype ? '' : `${a.dtype}-by-${b.dtype}-`;
    return `${precision === 'split' ? 'split-' : ''}${types}${layout}-${size}`;
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
      (isQuantized(b) ? distinctMatrices(batchDims, b.batchStrides) * quantizedBytes(b, n) : of(b, k * n)) +
      of(c, m * columns) +
      scales(scaleA) +
      scales(scaleB) +
      term(bias, n) +
      term(addend, n) +
      term(residual, columns)
    );
  },
};

/** Elements of the larger operand beyond which few rows keep a whole GPU busy by themselves. */
const LARGE_OPERAND = 2 ** 23;

/** Where there are few rows, the size of what they are multiplied by counts; else that of the whole. */
function sizeClass({ m, n, k }: MatmulProblem): string {
  const few = Math.min(m, n);
  if (few <= 16) {
    const of = Math.max(m, n) * k < LARGE_OPERAND ? 'small' : 'large';
    return `${few === 1 ? 'vector' : 'skinny'}-${of}`;
  }
  const size = Math.cbrt(m * n * k);
  return size < 512 ? 'small' : size < 2048 ? 'medium' : 'large';
}

/** Of n rows of weights, with their scales and zero points. */
function quantizedBytes(b: QuantizedLayout, n: number): number {
  const codeBytes = CODINGS[b.dtype].bits / 8;
  const perBlock = blockLength(b) * codeBytes + dtypeSizeBytes(b.scaleType) + (b.zeroPoints ? codeBytes : 0);
  return n * (b.lineStride / blockLength(b)) * perBlock;
}

/** Matrices that the products touch, those shared by broadcasting counted once. */
function distinctMatrices(dims: PerBatchAxis, strides: PerBatchAxis): number {
  return dims.reduce((count, size, axis) => (strides[axis] === 0 ? count : count * size), 1);
}
