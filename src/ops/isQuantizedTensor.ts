import type { QuantizedTensor } from './quantizedTensor.ts';

/** Told by what quantised weights have, not by their class, which who never makes any need not carry along. */
export function isQuantizedTensor(value: unknown): value is QuantizedTensor {
  return typeof (value as Partial<QuantizedTensor> | undefined)?.layout === 'function';
}
