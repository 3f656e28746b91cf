import type { ArithmeticUnit } from '../../catalog/index.ts';
import { OPERAND_TYPES } from '../operations.ts';

const { f16, bf16, fp8, int8, fp4 } = OPERAND_TYPES;

/** Formats that weights come in: bytes each, scales included, and the unit that multiplies them. */
export const WEIGHT_FORMATS = {
  f16,
  bf16,
  fp8,
  int8,
  fp4,
  /** llama.cpp's Q4_K_M: 4.85 bits a weight; multiplied in 16 bits. */
  q4: { bytes: 0.606, unit: 'fp16Tensor' },
} as const satisfies Readonly<Record<string, { readonly bytes: number; readonly unit: ArithmeticUnit }>>;

export type WeightFormat = keyof typeof WEIGHT_FORMATS;
