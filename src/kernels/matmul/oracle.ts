import {
  isQuantized,
  matmulInputs,
  resultBatches,
  resultColumns,
  rowMajor,
  type MatmulInputs,
  type MatmulProblem,
  type Term,
  type TermLayout,
} from '../../reference/matmul.ts';
import { batchOffset, matmulReference, withDecodedWeights } from '../../reference/matmulReference.ts';
import { activationError } from '../activationError.ts';
import type { Oracle } from '../define.ts';
import { roundingUnit, smallestNormal, summationError } from '../rounding.ts';

export const matmulOracle: Oracle<MatmulProblem> = {
  reference: (problem, inputs, outputs) => [matmulReference(problem, inputs, outputs?.[0])],
  errorBound,
};

/**
 * The error of summing k products and up to two terms in the type of the sums (`summationError`), where scales count as two
 * terms more; then that of the activation, of the gate and the residual, and of storing. Sums of integers are exact: what is
 * left is their conversion to f32, one rounding instead of k.
 */
function errorBound(
  original: MatmulProblem,
  given: readonly Float64Array[],
  [expected]: readonly Float64Array[],
  outputs?: readonly Float64Array[],
): readonly Float64Array[] {
  const { problem, inputs } = withDecodedWeights(...apartFromResult(original, given, outputs));
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
  const named = matmulInputs(problem, inputs);
  const terms = [named.a, named.b, named.scaleA, named.scaleB, named.bias, named.addend].filter(
    (values) => values !== undefined,
  );
  const offsets = named.offsets ? [named.offsets] : [];
  // Magnitudes and squares do not wrap around as sums of integers do.
  const over = (of: (value: number) => number, type: MatmulProblem['accumulate']): Float64Array =>
    matmulReference({ ...plain, accumulate: type, alpha: of(alpha), beta: of(beta) }, [
      ...terms.map((values) => values.map(of)),
      ...offsets,
    ]);
  const sums = over((value) => value, accumulate);
  const magnitudes = over(Math.abs, 'f32');
  const squares = over((value) => value * value, 'f32');
  const decodingError = isQuantized(original.b) ? decodingErrors(plain, named) : undefined;
  const sumError = (at: number): number =>
    summationError(
      roundings,
      magnitudes[at]!,
      sums[at]!,
      squares[at]!,
      accumulate === 'f16' ? 'f16' : 'f32',
    ) + (decodingError?.[at] ?? 0);
  const { residual } = named;
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

/** The same product with terms that its result takes the place of as inputs of their own. */
function apartFromResult(
  problem: MatmulProblem,
  inputs: readonly Float64Array[],
  outputs: readonly Float64Array[] | undefined,
): [MatmulProblem, readonly Float64Array[]] {
  const { c, addend, residual } = problem;
  if (addend !== 'inPlace' && residual !== 'inPlace') return [problem, inputs];
  const layout = { ...c, strideI: c.lineStride, strideJ: 1 } as TermLayout;
  const old = outputs?.[0] ?? new Float64Array(c.elements).fill(NaN);
  const others = inputs.slice();
  // Addend and residual come last, but for offsets.
  const ends = others.length - (problem.grouped ? 1 : 0);
  if (residual === 'inPlace') others.splice(ends, 0, old);
  if (addend === 'inPlace') others.splice(ends - (residual && residual !== 'inPlace' ? 1 : 0), 0, old);
  const apart = (term: Term | undefined): Term | undefined => (term === 'inPlace' ? layout : term);
  return [{ ...problem, addend: apart(addend), residual: apart(residual) }, others];
}

/**
 * How far the sums of a product with decoded weights are off because each weight is rounded: to f32, and next to a of half
 * precision to f16, for tensor cores, which may lose what is smaller than its normal numbers. In the worst case by the sum
 * of |a| times the roundings. The signs of a are as good as independent of these, so that by Hoeffding's inequality six times
 * the root of the sum of squares is exceeded once in 10^7.
 */
function decodingErrors(
  plain: MatmulProblem,
  { a, b, scaleA, scaleB, offsets }: MatmulInputs<Float64Array>,
): Float64Array {
  const halves = plain.a.dtype === 'f16';
  const unit = roundingUnit('f32') + (halves ? roundingUnit('f16') : 0);
  const lost = halves ? smallestNormal('f16') : 0;
  const roundings = b.map((weight) => unit * Math.abs(weight) + lost);
  const over = (of: (value: number) => number): Float64Array =>
    matmulReference({ ...plain, alpha: of(plain.alpha), bias: undefined, addend: undefined }, [
      ...[a, roundings, scaleA, scaleB]
        .filter((values) => values !== undefined)
        .map((values) => values.map(of)),
      ...(offsets ? [offsets] : []),
    ]);
  const worst = over(Math.abs);
  return over((value) => value * value).map((squares, at) => Math.min(worst[at]!, 6 * Math.sqrt(squares)));
}
