// Ranges of an axis that begin where adapters can bind them.
import type { Capabilities } from '../runtime/capabilities.ts';
import { windowOf, type Binding } from '../runtime/plan.ts';
import type { Range } from './define.ts';
import type { BoundRange } from './sliced.ts';

/** The length of ranges, as even as can be, of no more than `most` elements and of multiples of `step`. */
export function evenLength(size: number, most: number, step: number): number {
  const count = Math.ceil(size / (Math.floor(most / step) * step));
  return Math.ceil(size / count / step) * step;
}

/** So many elements of an axis begin where they can be bound, which have `unitBytes` in each tensor. */
export const alignedStep = (unitBytes: readonly number[], alignment: number): number =>
  Math.max(1, ...unitBytes.map((bytes) => alignment / commonDivisor(bytes, alignment)));

/**
 * Cuts an axis of `size` into ranges, as even as can be, of which every operand has no more than can be bound, from an offset that
 * can be bound. An element of the axis has `unitBytes` of each operand. Or says why not.
 *
 * @param grain what ranges begin at a multiple of, a power of two
 */
export function cutAligned(
  size: number,
  unitBytes: readonly number[],
  { limits }: Capabilities,
  grain = 1,
): readonly Range[] | string {
  const { maxStorageBufferBindingSize: limit, minStorageBufferOffsetAlignment: alignment } = limits;
  const step = Math.max(grain, alignedStep(unitBytes, alignment));
  const most = Math.floor(limit / Math.max(...unitBytes) / step) * step;
  if (most < 1) {
    const needed = step * Math.max(...unitBytes);
    return `a slice needs ${needed} bytes at least, of which every one starts at a multiple of ${alignment}, and the adapter binds ${limit} (maxStorageBufferBindingSize)`;
  }
  const each = evenLength(size, most, step);
  return Array.from({ length: Math.ceil(size / each) }, (_, index) => [
    index * each,
    Math.min(size, (index + 1) * each),
  ]);
}

/**
 * The ranges of operands' outermost axis that are bound at a time: one where they fit, and also where they cannot be cut. Then they
 * are refused where they are bound.
 *
 * @param grain what ranges begin at a multiple of, a power of two
 */
export function rangesOf(
  size: number,
  unitBytes: readonly number[],
  caps: Capabilities,
  grain = 1,
): readonly Range[] {
  if (size * Math.max(...unitBytes) <= caps.limits.maxStorageBufferBindingSize) return [[0, size]];
  const ranges = cutAligned(size, unitBytes, caps, grain);
  return typeof ranges === 'string' ? [[0, size]] : ranges;
}

/** A range of an operand of `size` elements along its outermost axis, each of `unitBytes`. */
export function boundRange(operand: Binding, range: Range, size: number, unitBytes: number): BoundRange {
  const [begin, end] = range;
  const isWhole = end - begin === size;
  return {
    range,
    binding: isWhole ? operand : windowOf(operand, begin * unitBytes, (end - begin) * unitBytes),
  };
}

/** An operand of `size` elements along its outermost axis, each of `unitBytes`, range by range where it is larger than can be bound. */
export const boundRanges = (
  operand: Binding,
  size: number,
  unitBytes: number,
  caps: Capabilities,
): readonly BoundRange[] =>
  rangesOf(size, [unitBytes], caps).map((range) => boundRange(operand, range, size, unitBytes));

/** `true`, or that there are more elements than a shader tells apart. */
export const countable = (elements: number): true | string =>
  elements < 2 ** 32 || 'shaders count elements in 32 bits';

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
