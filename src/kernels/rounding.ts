import type { DType } from '../tensor.ts';

/** Largest relative error of rounding to nearest: half the distance from 1 to the next number; 0 for integers. */
export function roundingUnit(dtype: DType): number {
  return { f32: 2 ** -24, f16: 2 ** -11, bf16: 2 ** -8, i32: 0, u32: 0, i8: 0 }[dtype];
}

/** Types of floating-point elements. */
export type FloatType = 'f32' | 'f16' | 'bf16';

export function isFloat(dtype: DType): dtype is FloatType {
  return dtype === 'f32' || dtype === 'f16' || dtype === 'bf16';
}

/** Largest finite number of a floating type. */
export function largestFinite(dtype: FloatType): number {
  return { f32: (2 - 2 ** -23) * 2 ** 127, f16: 65504, bf16: (2 - 2 ** -7) * 2 ** 127 }[dtype];
}

/** Smallest positive normal number: below it a GPU may flush to zero. */
export function smallestNormal(dtype: FloatType): number {
  return { f32: 2 ** -126, f16: 2 ** -14, bf16: 2 ** -126 }[dtype];
}

/**
 * Additions that an element of a sum of `count` may take part in, one after the other, in any kernel: those that an
 * invocation makes, and 96 for the trees over vectors, invocations and parts. Kernels refuse configs that would need more.
 */
export function longestChain(count: number): number {
  return Math.min(count, serialLimit(count) + 96);
}

/** The part of `longestChain` that an invocation may add one after the other. */
export function serialLimit(count: number): number {
  return 2 * Math.ceil(Math.sqrt(count)) + 32;
}

/**
 * How far a product made in f32, in any order, may be from the exact one: each factor brings a rounding of relative size 2^-24.
 * What underflows on the way is off by the smallest normal number at most, and that error is multiplied by no more than the product
 * of all factors above 1, `reach`; where that overflows f32, nothing is promised.
 */
export function productError(factors: number, value: number, reach: number): number {
  if (reach > largestFinite('f32')) return Infinity;
  return factors * (roundingUnit('f32') * Math.abs(value) + smallestNormal('f32') * reach);
}

/** What a factor adds to the reach of a product. */
export const reachOf = (factor: number): number => Math.max(1, Math.abs(factor));

/**
 * How far a sum made in f32 (or `dtype`), in any order, may be from the exact one.
 *
 * In the worst case by 2 n u sum |x|, u = 2^-24 (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section
 * 3.1; the factor 2 covers units that truncate, as tensor cores may). That grows far beyond what ever happens, and a bound
 * that loose lets real defects through. Rounding errors of the n additions are nearly independent and of mean zero, so
 * that together they stay within a few times u sqrt(n) times the largest partial sum (Higham and Mary, A New Approach to
 * Probabilistic Rounding Error Analysis, SIAM J. Sci. Comput. 2019). Partial sums of terms drawn at random stay
 * near |sum| + 4 sqrt(sum x^2). The factors 4 and 6 are chosen, not derived: wide enough for f32 sums in the tests, narrow
 * enough to catch operands rounded to half precision (test/unit/rounding.test.ts). The second bound is for terms drawn at
 * random, as tests and benchmarks draw them; terms that are all alike may err in step, and exceed it.
 *
 * @param terms how many are added
 * @param magnitude sum |x|
 * @param squares sum x^2
 */
export function summationError(
  terms: number,
  magnitude: number,
  sum: number,
  squares: number,
  dtype: FloatType = 'f32',
): number {
  const worst = 2 * terms * roundingUnit(dtype) * magnitude;
  return Math.min(worst, likelySummationError(terms, Math.abs(sum) + 4 * Math.sqrt(squares), dtype));
}

/** The second of the bounds of `summationError`, for partial sums of at most `partialSum`. */
export function likelySummationError(terms: number, partialSum: number, dtype: FloatType = 'f32'): number {
  return 6 * roundingUnit(dtype) * Math.sqrt(terms) * partialSum;
}

/**
 * Error of log(sum) in f32, where the sum is off by `error`: log itself is off by 2^-21 near 1, else by 3 units in the last place
 * (WGSL, section 15.7.4.1).
 */
export function logError(sum: number, error: number): number {
  // A sum that may have any sign has any logarithm, or none.
  if (!(error < sum)) return Infinity;
  return -Math.log1p(-error / sum) + Math.max(2 ** -21, 6 * roundingUnit('f32') * Math.abs(Math.log(sum)));
}
