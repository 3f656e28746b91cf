import { encodeElements, type DType } from '../../src/tensor.ts';

/**
 * How many representable numbers of `dtype` lie between two: 0 for equal ones, 1 for neighbours. +0 and -0 are equal, two
 * NaN are equal, and NaN is infinitely far from everything else.
 */
export function ulpDistance(
  a: number,
  b: number,
  dtype: Extract<DType, 'f32' | 'f16' | 'i32' | 'u32'>,
): number {
  if (dtype === 'i32' || dtype === 'u32') return Math.abs(a - b);
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Infinity;
  return Math.abs(ordinal(a, dtype) - ordinal(b, dtype));
}

/** Number of steps from zero to the nearest representable number, negative below zero. */
function ordinal(value: number, dtype: 'f32' | 'f16'): number {
  const bytes = new DataView(encodeElements([Math.abs(value)], dtype).buffer);
  const steps = dtype === 'f16' ? bytes.getUint16(0, true) : bytes.getUint32(0, true);
  return value < 0 ? -steps : steps;
}
