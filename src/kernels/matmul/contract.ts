import type { Activation } from '../../reference/activation.ts';
import { batchCount, matmulReference, type MatmulProblem } from '../../reference/matmul.ts';
import { input, output, type Binding } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import type { WgslExtension } from '../../wgsl/compose.ts';
import { bytesOf, type Contract } from '../define.ts';
import { roundingUnit } from '../rounding.ts';

/** params 0, a 1, b 2, c 3, bias 4. */
export function matmulBindings(problem: Pick<MatmulProblem, 'bias'>): readonly Binding[] {
  return [input(0), input(1), output(0), ...(problem.bias ? [input(2)] : [])];
}

export function matmulExtensions(problem: Pick<MatmulProblem, 'dtype'>): readonly WgslExtension[] {
  return problem.dtype === 'f16' ? ['f16'] : [];
}

export const matmulContract: Contract<MatmulProblem> = {
  name: 'matmul',
  inputs: ({ m, n, k, dtype, transposeA, transposeB, matricesA, matricesB, bias }) => [
    { shape: [matricesA, ...(transposeA ? [k, m] : [m, k])], dtype },
    { shape: [matricesB, ...(transposeB ? [n, k] : [k, n])], dtype },
    ...(bias ? [{ shape: [n], dtype }] : []),
  ],
  outputs: (problem) => [{ shape: [batchCount(problem), problem.m, problem.n], dtype: problem.dtype }],
  key: (p) =>
    `${p.m},${p.n},${p.k},${p.dtype},${p.transposeA},${p.transposeB},${p.batchDims.join()},` +
    `${p.batchStridesA.join()},${p.batchStridesB.join()},${p.bias},${p.activation}`,
  dtype: ({ dtype }) => dtype,
  shapeClass({ m, n, k }) {
    if (m === 1 || n === 1) return 'vector';
    if (Math.min(m, n) <= 16) return 'skinny';
    const size = Math.cbrt(m * n * k);
    return size < 512 ? 'small' : size < 2048 ? 'medium' : 'large';
  },
  flops: (problem) => 2 * batchCount(problem) * problem.m * problem.n * problem.k,
  bytes: (problem) =>
    bytesOf([...matmulContract.inputs(problem), ...matmulContract.outputs(problem)], dtypeSizeBytes),
  reference: (problem, [a, b, bias]) => [matmulReference(problem, a!, b!, bias)],
  /**
   * Summing k products and a bias in f32, in any order, is off by at most (k + 1) u (sum |a||b| + |bias|) to first
   * order, u = 2^-24 (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1). The factor 2
   * covers units that truncate instead of rounding to nearest, as tensor cores may.
   */
  errorBound(problem, [a, b, bias], [expected]) {
    const absolute = (values: Float64Array): Float64Array => values.map((value) => Math.abs(value));
    const magnitude = matmulReference(
      { ...problem, activation: 'none' },
      absolute(a!),
      absolute(b!),
      bias && absolute(bias),
    );
    const sums = matmulReference({ ...problem, activation: 'none' }, a!, b!, bias);
    const unit = roundingUnit(problem.dtype);
    return [
      expected!.map((value, index) => {
        const sumError = 2 * (problem.k + 1) * roundingUnit('f32') * magnitude[index]!;
        const activated = activationError(problem.activation, sums[index]!, sumError);
        return activated + unit * (Math.abs(value) + activated);
      }),
    ];
  },
};

/**
 * What an activation makes of an error in its argument, plus its own. All have slopes below 1.13. WGSL allows exp an
 * error of 3 + 2|x| units in the last place; erf by Abramowitz and Stegun 7.1.26 is off by at most 1.5e-7.
 */
function activationError(activation: Activation, x: number, error: number): number {
  if (activation === 'none' || activation === 'relu') return error;
  const own = activation === 'gelu' ? 0.75e-7 : 0;
  const exponent = Math.min(Math.abs(x), 80);
  const derivative = Math.exp(-exponent);
  return (
    1.13 * error + Math.abs(x) * (own + roundingUnit('f32') * (16 + 4 * (3 + 2 * exponent) * derivative))
  );
}
