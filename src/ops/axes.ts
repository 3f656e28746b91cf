import { ShapeError, told } from '../errors.ts';
import { elementCount, formatShape, type Shape } from '../tensor.ts';
import { refuse } from '../expect.ts';

/**
 * An axis of x counted from the front.
 *
 * @throws ArgumentError unless `axis` is an integer; ShapeError when x has no such axis.
 */
export function normalizeAxis(op: string, shape: Shape, axis: unknown): number {
  if (typeof axis !== 'number' || !Number.isInteger(axis)) {
    refuse(op, 'an axis', 'an integer', axis);
  }
  const rank = shape.length;
  if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  const expected = rank === 0 ? 'it has no axes' : `expected ${-rank} to ${rank - 1}`;
  throw new ShapeError(`${op}: x ${formatShape(shape)} has no axis ${axis}; ${expected}`, {
    got: axis,
    x: shape,
  });
}

/** A row-major tensor as [outer, length, inner], with the axis of `length` in the middle. */
export interface AxisView {
  readonly outer: number;
  readonly length: number;
  /** Distance in elements between neighbours along the axis. */
  readonly inner: number;
}

/**
 * The axis of x that an operation works along.
 *
 * @throws ArgumentError unless `axis` is an integer; ShapeError when x has no such axis.
 */
export function viewAlong(op: string, shape: Shape, axis: unknown): AxisView {
  if (shape.length === 0) throw new ShapeError(`${op} needs at least one axis, got a scalar`, { x: shape });
  const along = normalizeAxis(op, shape, axis);
  return {
    outer: elementCount(shape.slice(0, along)),
    length: shape[along]!,
    inner: elementCount(shape.slice(along + 1)),
  };
}

/**
 * Axes of x counted from the front.
 *
 * @throws ArgumentError unless `axes` is a number or an array of numbers; ShapeError for an axis that x does not have, or one
 *   given twice.
 */
export function normalizeAxes(op: string, shape: Shape, axes: number | readonly number[]): Set<number> {
  if (typeof axes !== 'number' && !Array.isArray(axes)) {
    refuse(op, 'axes', 'a number or an array of numbers', axes);
  }
  const found = new Set<number>();
  for (const axis of typeof axes === 'number' ? [axes] : (axes as readonly number[])) {
    const normalized = normalizeAxis(op, shape, axis);
    if (found.has(normalized)) {
      throw new ShapeError(`${op}: axes ${told(axes)} name axis ${normalized} of x twice`, {
        got: axes,
      });
    }
    found.add(normalized);
  }
  return found;
}
