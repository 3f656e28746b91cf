import {
  batchCount,
  isQuantized,
  type MatmulProblem,
  type MatrixLayout,
  type QuantizedLayout,
  type ResultLayout,
  type ScaleLayout,
  type Term,
} from '../../reference/matmul.ts';
import { blockCount, wordCount } from '../../reference/coding.ts';
import type { DType } from '../../tensor.ts';
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
  slicing: slicingOnDemand(async () => (await import('./sliced.ts')).matmulSlicing),
};

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
