import type { DType } from '../tensor.ts';

/** Largest relative error of rounding to nearest: half the distance from 1 to the next number; 0 for integers. */
export function roundingUnit(dtype: DType): number {
  return { f32: 2 ** -24, f16: 2 ** -11, i32: 0, u32: 0 }[dtype];
}

/** Largest finite number of a floating type. */
export function largestFinite(dtype: 'f32' | 'f16'): number {
  return dtype === 'f16' ? 65504 : (2 - 2 ** -23) * 2 ** 127;
}
/** Smallest positive normal number: below it a GPU may flush to zero. */
export function smallestNormal(dtype: 'f32' | 'f16'): number {
  return dtype === 'f16' ? 2 ** -14 : 2 ** -126;
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
