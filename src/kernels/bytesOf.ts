import type { DType, TensorSpec } from '../tensor.ts';

/** Bytes of tensors. */
export function bytesOf(specs: readonly TensorSpec[], sizeBytes: (dtype: DType) => number): number {
  let total = 0;
  for (const { shape, dtype } of specs)
    total += shape.reduce((count, size) => count * size, 1) * sizeBytes(dtype);
  return total;
}
