import type { ArithmeticUnit } from '../../catalog/index.ts';

/** Formats that weights come in: bytes each, scales included, and the unit that multiplies them. */
export const WEIGHT_FORMATS = {
  f16: { bytes: 2, unit: 'fp16Tensor' },
  bf16: { bytes: 2, unit: 'bf16Tensor' },
  fp8: { bytes: 1, unit: 'fp8Tensor' },
  int8: { bytes: 1, unit: 'int8Tensor' },
  /** Blocks of 16 share a scale of one byte (NVFP4). */
  fp4: { bytes: 0.5625, unit: 'fp4Tensor' },
  /** llama.cpp's Q4_K_M: 4.85 bits a weight; multiplied in 16 bits. */
  q4: { bytes: 0.606, unit: 'fp16Tensor' },
} as const satisfies Readonly<Record<string, { readonly bytes: number; readonly unit: ArithmeticUnit }>>;

export type WeightFormat = keyof typeof WEIGHT_FORMATS;
