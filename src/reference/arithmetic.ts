import type { DType } from '../tensor.ts';

/** Types whose elements shaders can load and compute with as they are; others are to be converted first. */
export type ArithmeticType = Exclude<DType, 'bf16' | 'i8'>;

/** Whether shaders can load and compute with elements of a type as they are. */
export function isArithmetic(dtype: DType): dtype is ArithmeticType {
  return dtype !== 'bf16' && dtype !== 'i8';
}
