import {
  batchCount,
  isQuantized,
  resultColumns,
  type MatmulProblem,
  type MatrixLayout,
  type PerBatchAxis,
  type QuantizedLayout,
  type ResultLayout,
  type ScaleLayout,
  type Term,
} from '../../reference/matmul.ts';
import { blockCount, blockLength, CODINGS, wordCount } from '../../reference/coding.ts';
import { dtypeSizeBytes, type DType } from '../../tensor.ts';
import type { Contract, InputSpec } from '../define.ts';
import { slicingOnDemand } from '../onDemand.ts';

/** Operands, the scales and terms that there are, offsets of groups; each in its tensor's own layout, so as a line of elements. */
function inputSpecs(problem: MatmulProblem): readonly InputSpec[] {
  const { a, b, scaleA, scaleB, bias, addend, residual, grouped } = problem;
  const whole = ({ elements, dtype }: { elements: number; dtype: DType }): InputSpec => ({
    shape: [elements],
    dtype,
  });
  const terms = [scaleA, scaleB, bias, addend, residual].filter(
    (term) => term !== undefined && term !== 'inPlace',
  );
  return [
    whole(a),
    ...(isQuantized(b) ? quantizedSpecs(b) : [whole(b)]),
    ...terms.map(whole),
    ...(grouped ? [whole({ elements: problem.firstGroup + batchCount(problem) + 1, dtype: 'u32' })] : []),
  ];
}

/** Codes, scales, and zero points if there are. */
function quantizedSpecs(b: QuantizedLayout): readonly InputSpec[] {
  const codes = (count: number): InputSpec => ({
    shape: [wordCount(b.dtype, count)],
    dtype: 'u32',
    packed: b.dtype,
  });
  const blocks = blockCount(b);
  return [
    codes(b.elements),
    { shape: [blocks], dtype: b.scaleType },
    ...(b.zeroPoints ? [codes(blocks)] : []),
  ];
}

/** Of n rows of weights, with their scales and zero points. */
function quantizedBytes(b: QuantizedLayout, n: number): number {
  const codeBytes = CODINGS[b.dtype].bits / 8;
  const perBlock = blockLength(b) * codeBytes + dtypeSizeBytes(b.scaleType) + (b.zeroPoints ? codeBytes : 0);
  return n * (b.lineStride / blockLength(b)) * perBlock;
}

export const matmulContract: Contract<MatmulProblem> = {
  name: 'matmul',
  inputs: inputSpecs,
  outputs: ({ c }) => [{ shape: [c.elements], dtype: c.dtype }],
  key: (p) =>
    `${p.m},${p.n},${p.k},${p.batchDims.join()};${matrixKey(p.a)};` +
    `${isQuantized(p.b) ? quantizedKey(p.b) : matrixKey(p.b)};${resultKey(p.c)};` +
    `${p.precision},${p.accumulate},${p.alpha},${p.beta};${scaleKey(p.scaleA)};${scaleKey(p.scaleB)};` +
    `${termKey(p.bias)};${termKey(p.addend)};${termKey(p.residual)};` +
    `${p.activation},${p.limits.join()},${p.gated},${p.grouped},${p.firstGroup}`,
  dtype: ({ a, b }) => (isQuantized(b) || a.dtype === b.dtype ? a.dtype : 'f32'),
  slicing: slicingOnDemand(async () => (await import('./slicing.ts')).matmulSlicing),
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

const quantizedKey = (b: QuantizedLayout): string =>
  `${b.dtype},${b.blockSize},${b.scaleType},${b.zeroPoints},${b.lineStride},${b.batchStrides.join()},${b.offset},${b.elements}`;

const matrixKey = (layout: MatrixLayout): string =>
  `${layout.dtype},${layout.transposed},${layout.lineStride},${layout.padded},${layout.batchStrides.join()},${layout.offset},${layout.elements}`;

const resultKey = ({ dtype, lineStride, batchStrides, offset, elements }: ResultLayout): string =>
  `${dtype},${lineStride},${batchStrides.join()},${offset},${elements}`;

const scaleKey = (scale: ScaleLayout | undefined): string =>
  scale ? `${scale.dtype},${scale.batchStride},${scale.offset},${scale.elements}` : '';

const termKey = (term: Term | undefined): string =>
  term === 'inPlace'
    ? term
    : term
      ? `${term.dtype},${term.strideI},${term.strideJ},${term.batchStrides.join()},${term.offset},${term.elements}`
      : '';

/** Matrices that the products touch, those shared by broadcasting counted once. */
function distinctMatrices(dims: PerBatchAxis, strides: PerBatchAxis): number {
  return dims.reduce((count, size, axis) => (strides[axis] === 0 ? count : count * size), 1);
}

/** Matrices that c has: groups share one. */
export const resultBatches = (problem: MatmulProblem): number => (problem.grouped ? 1 : batchCount(problem));
