import { ShapeError, UnsupportedError } from '../errors.ts';
import type { PerBatchAxis } from '../reference/matmul.ts';
import { formatShape, type Shape } from '../tensor.ts';

/** The batch axes of one tensor of an operation, outermost first. */
export interface BatchAxes {
  readonly sizes: Shape;
  /** In elements. */
  readonly strides: readonly number[];
}

/** Batches as kernels see them: up to four axes, and for each tensor the distances along them, 0 where it is broadcast. */
export interface BatchGrid {
  readonly dims: PerBatchAxis;
  readonly strides: readonly PerBatchAxis[];
}

const NONE: PerBatchAxis = [0, 0, 0, 0];
const SINGLE: PerBatchAxis = [1, 1, 1, 1];

/**
 * Broadcasts leading axes as NumPy does: aligned at the end, sizes equal or 1.
 *
 * @throws ShapeError when they do not fit
 */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (a.length === 0 && b.length === 0) return a;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const sizeA = a[axis - rank + a.length] ?? 1;
    const sizeB = b[axis - rank + b.length] ?? 1;
    if (sizeA === sizeB || sizeB === 1) return sizeA;
    if (sizeA === 1) return sizeB;
    throw new ShapeError(`${op}: batch axes ${formatShape(a)} and ${formatShape(b)} do not broadcast`, {
      a,
      b,
    });
  });
}

/**
 * Merges neighbouring axes that all tensors walk alike, so that the usual cases need one axis of the grid.
 *
 * @throws UnsupportedError when more than four axes are left
 */
export function batchGrid(op: string, shape: Shape, tensors: readonly BatchAxes[]): BatchGrid {
  if (shape.length === 0) return { dims: SINGLE, strides: tensors.map(() => NONE) };
  const axes: { size: number; strides: number[] }[] = [];
  for (const [axis, size] of shape.entries()) {
    if (size === 1) continue;
    const strides = tensors.map((tensor) => {
      const own = axis - shape.length + tensor.sizes.length;
      return own < 0 || tensor.sizes[own] === 1 ? 0 : tensor.strides[own]!;
    });
    const outer = axes.at(-1);
    if (outer?.strides.every((stride, index) => stride === size * strides[index]!)) {
      outer.size *= size;
      outer.strides = strides;
    } else {
      axes.push({ size, strides });
    }
  }
  if (axes.length > 4) {
    throw new UnsupportedError(
      `${op}: batch axes ${formatShape(shape)} alternate between broadcast and not more than four times`,
      { shape },
    );
  }
  const pad = (of: (axis: (typeof axes)[number]) => number, fill: number): PerBatchAxis =>
    [...Array.from({ length: 4 - axes.length }, () => fill), ...axes.map(of)] as unknown as PerBatchAxis;
  return {
    dims: pad(({ size }) => size, 1),
    strides: tensors.map((_, index) => pad(({ strides }) => strides[index]!, 0)),
  };
}
