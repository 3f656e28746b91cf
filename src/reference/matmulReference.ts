import { ACTIVATIONS } from './activation.ts';
import { decodeBlocks } from './quantization.ts';
import {
  batchCount,
  isQuantized,
  matmulInputs,
  operandStrides,
  resultColumns,
  type Layout,
  type MatmulProblem,
  type PerBatchAxis,
} from './matmul.ts';

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

/** The same product with its weights decoded, exactly; a product without quantised weights as it is. */
export function withDecodedWeights(
  problem: MatmulProblem,
  inputs: readonly Float64Array[],
): { readonly problem: MatmulProblem; readonly inputs: readonly Float64Array[] } {
  const { b } = problem;
  if (!isQuantized(b)) return { problem, inputs };
  const { b: words, scales, zeroPoints } = matmulInputs(problem, inputs);
  const { transposed, lineStride, batchStrides, offset, elements } = b;
  return {
    problem: {
      ...problem,
      b: { dtype: 'f32', transposed, lineStride, padded: false, batchStrides, offset, elements },
    },
    inputs: [inputs[0]!, decodeBlocks(b, words, scales!, zeroPoints), ...inputs.slice(zeroPoints ? 4 : 3)],
  };
}

/**
 * The definition of matmul, in f64. Writes into `c`, which has as many elements as the result's tensor, and leaves what
 * lies between its rows alone.
 */
export function matmulReference(
  original: MatmulProblem,
  stored: readonly Float64Array[],
  c: Float64Array = new Float64Array(original.c.elements).fill(NaN),
): Float64Array {
  const { problem, inputs } = withDecodedWeights(original, stored);
  const { m, n, k, batchDims, alpha, beta, gated, limits } = problem;
  const { a, b, offsets, scaleA, scaleB, ...terms } = matmulInputs(problem, inputs);
  const { ai, ap, bp, bj } = operandStrides(problem);
  const activate = ACTIVATIONS[problem.activation];
  const columns = resultColumns(problem);
  const row = new Float64Array(n);
  const before = problem.addend === 'inPlace' || problem.residual === 'inPlace' ? c.slice() : c;
  const term = (name: 'bias' | 'addend' | 'residual', batch: number, i: number): ((j: number) => number) => {
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
