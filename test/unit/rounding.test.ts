import { describe, expect, it } from 'vitest';
import { compare } from '../../bench/measure/compare.ts';
import { randomElements } from '../../bench/measure/inputs.ts';
import { matmulProblem } from '../../src/kernels/matmul/problem.ts';
import { matmulContract } from '../../src/kernels/matmul/contract.ts';
import { matmulOracle } from '../../src/kernels/matmul/oracle.ts';
import { softmaxOracle } from '../../src/kernels/softmax/oracle.ts';
import { matmulReference, withDecodedWeights } from '../../src/reference/matmulReference.ts';
import { decodeElements, encodeElements } from '../../src/tensor.ts';

describe.each([64, 512, 4096, 8192])("matmul's error bound for sums of %i products", (k) => {
  const problem = matmulProblem(8, 8, k);
  const [a, b] = matmulContract.inputs(problem).map((spec, index) => randomElements(spec, 7 + index)) as [
    Float64Array,
    Float64Array,
  ];
  const expected = matmulReference(problem, [a, b]);
  const [bound] = matmulOracle.errorBound(problem, [a, b], [expected]);
  const passes = (c: ArrayLike<number>): boolean => compare(c, expected, bound!, 'f32').passed;

  it('lets sums in f32 through, one after the other', () => {
    const c = expected.map((_, index) => {
      const i = Math.floor(index / 8);
      let sum = 0;
      for (let p = 0; p < k; p++)
        sum = Math.fround(sum + Math.fround(a[i * k + p]! * b[p * 8 + (index % 8)]!));
      return sum;
    });
    expect(passes(c)).toBe(true);
  });

  it('catches operands rounded to half precision, which is about what TF32 does', () => {
    const round = (values: Float64Array): Float64Array =>
      Float64Array.from(decodeElements(encodeElements(values, 'f16').buffer, 'f16', values.length));
    expect(passes(matmulReference(problem, [round(a), round(b)]))).toBe(false);
  });

  it('catches a sum that stops short of its last products', () => {
    const short = a.map((value, index) => (index % k >= k - 4 ? 0 : value));
    expect(passes(matmulReference(problem, [short, b]))).toBe(false);
  });
});

describe.each(['f32', 'f16'] as const)("matmul's error bound for weights of int4 beside %s", (dtypeA) => {
  const quantized = { dtype: 'int4', blockSize: 32, scaleType: 'f32', zeroPoints: false } as const;
  const problem = matmulProblem(8, 8, 512, { dtypeA, quantized });
  const inputs = matmulContract.inputs(problem).map((spec, index) => randomElements(spec, 7 + index));
  const expected = matmulReference(problem, inputs);
  const [bound] = matmulOracle.errorBound(problem, inputs, [expected]);
  const passes = (c: ArrayLike<number>): boolean => compare(c, expected, bound!, 'f32').passed;

  it(`${dtypeA === 'f16' ? 'lets' : 'does not let'} weights through that are rounded to half precision`, () => {
    const decoded = withDecodedWeights(problem, inputs);
    const [a, b] = decoded.inputs as [Float64Array, Float64Array];
    const rounded = decodeElements(encodeElements(b, 'f16').buffer, 'f16', b.length);
    const c = matmulReference(decoded.problem, [a, Float64Array.from(rounded)]);
    expect(passes(c)).toBe(dtypeA === 'f16');
  });

  it('catches a single code that is off by one', () => {
    const [a, words, scales] = inputs as [Float64Array, Float64Array, Float64Array];
    const wrong = words.slice();
    wrong[0] = wrong[0]! % 16 === 15 ? wrong[0]! - 1 : wrong[0]! + 1;
    expect(passes(matmulReference(problem, [a, wrong, scales]))).toBe(false);
  });
});

describe.each([-90, -700, -740, -744, -800, -Infinity])('the error bound of a softmax of %d', (small) => {
  const problem = { log: false, dtype: 'f32', outer: 1, length: 3, inner: 1 } as const;
  const x = Float64Array.of(0, small, 1);
  const [expected] = softmaxOracle.reference(problem, [x]) as [Float64Array];
  const [bound] = softmaxOracle.errorBound(problem, [x], [expected]) as [Float64Array];

  it('lets a share be flushed, and nothing more', () => {
    const flushed = expected.map((share) => (share < 2 ** -126 ? 0 : share));
    expect(compare(flushed, expected, bound, 'f32').passed).toBe(true);
    const wrong = Float64Array.of(flushed[0]!, 2 ** -124, flushed[2]!);
    expect(compare(wrong, expected, bound, 'f32').passed).toBe(false);
  });
});
