// How problems whose operands are larger than an adapter can bind are cut.
import type { Capabilities } from '../runtime/capabilities.ts';

/** Elements begin <= i < end of an axis. */
export type Range = readonly [begin: number, end: number];

/**
 * Cuts an axis of `size` into ranges, as even as can be, of which every operand has no more than can be bound, from an offset that
 * can be bound. An element of the axis has `unitBytes` of each operand. Or says why not.
 */
export function cutAligned(
  size: number,
  unitBytes: readonly number[],
  { limits }: Capabilities,
): readonly Range[] | string {
  const { maxStorageBufferBindingSize: limit, minStorageBufferOffsetAlignment: alignment } = limits;
  const step = Math.max(1, ...unitBytes.map((bytes) => alignment / commonDivisor(bytes, alignment)));
  const most = Math.floor(limit / Math.max(...unitBytes) / step) * step;
  if (most < 1) {
    const needed = step * Math.max(...unitBytes);
    return `a slice needs ${needed} bytes at least, of which every one starts at a multiple of ${alignment}, and the adapter binds ${limit} (maxStorageBufferBindingSize)`;
  }
  const each = Math.ceil(size / Math.ceil(size / most) / step) * step;
  return Array.from({ length: Math.ceil(size / each) }, (_, index) => [
    index * each,
    Math.min(size, (index + 1) * each),
  ]);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
