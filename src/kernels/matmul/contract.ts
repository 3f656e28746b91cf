import type { Activation } from '../../reference/activation.ts';
import { batchCount, matmulReference, type MatmulProblem } from '../../reference/matmul.ts';
import { input, output, type Binding } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import type { WgslExtension } from '../../wgsl/compose.ts';
import { bytesOf, type Contract } from '../define.ts';
import { roundingUnit, summationError } from '../rounding.ts';

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
  /** The error of summing k products and a bias in f32 (`summationError`), then that of the activation and of storing. */
  errorBound(problem, [a, b, bias], [expected]) {
    const plain = { ...problem, activation: 'none' } as const;
    const over = (of: (value: number) => number): Float64Array =>
      matmulReference(plain, a!.map(of), b!.map(of), bias?.map(of));
    const magnitudes = over(Math.abs);
    const squares = over((value) => value * value);
    const sums = problem.activation === 'none' ? expected! : matmulReference(plain, a!, b!, bias);
    const unit = roundingUnit(problem.dtype);
    return [
      expected!.map((value, index) => {
        const sum = sums[index]!;
        const sumError = summationError(problem.k + 1, magnitudes[index]!, sum, squares[index]!);
        const activated = activationError(problem.activation, sum, sumError);
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
