import type { Shape } from '../tensor.ts';

/** One number for each of up to four axes, outermost first. */
export type PerGridAxis = readonly [number, number, number, number];

/**
 * The axes of a tensor as two grids: those that are kept and those that are reduced. The element at point o of the one and point
 * r of the other is at `offset(o) + offset(r)`. Neighbouring axes that are both kept, or both reduced, count as one.
 */
export interface Grids {
  /** Sizes of the kept axes, 1 for those that are not used. */
  readonly keptDims: PerGridAxis;
  /** Distance in elements between neighbours along a kept axis. */
  readonly keptStrides: PerGridAxis;
  readonly reducedDims: PerGridAxis;
  readonly reducedStrides: PerGridAxis;
}

/** Identifies the grids in keys of problems. */
export const gridsKey = ({ keptDims, keptStrides, reducedDims, reducedStrides }: Grids): string =>
  [...keptDims, ...keptStrides, ...reducedDims, ...reducedStrides].join();

/** Number of points of a grid. */
export function gridSize(dims: PerGridAxis): number {
  return dims[0] * dims[1] * dims[2] * dims[3];
}

/** A grid that is filled from its innermost axis outwards. */
interface GrowingGrid {
  readonly dims: [number, number, number, number];
  readonly strides: [number, number, number, number];
  /** Axes that are not used yet. */
  free: number;
}

const emptyGrid = (): GrowingGrid => ({ dims: [1, 1, 1, 1], strides: [0, 0, 0, 0], free: 4 });

/**
 * The two grids of a row-major tensor, or undefined where kept and reduced axes alternate more often than two grids of four axes
 * can say.
 */
export function splitAxes(shape: Shape, reducedAxes: ReadonlySet<number>): Grids | undefined {
  const kept = emptyGrid();
  const reduced = emptyGrid();
  let inner: GrowingGrid | undefined;
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    if (size === 1) continue;
    const grid = reducedAxes.has(axis) ? reduced : kept;
    if (grid === inner) {
      grid.dims[grid.free]! *= size;
    } else {
      if (grid.free === 0) return undefined;
      grid.free--;
      grid.dims[grid.free] = size;
      grid.strides[grid.free] = stride;
    }
    inner = grid;
    stride *= size;
  }
  return {
    keptDims: kept.dims,
    keptStrides: kept.strides,
    reducedDims: reduced.dims,
    reducedStrides: reduced.strides,
  };
}

/** Offset of every point of a grid, in row-major order of the grid. */
export function gridOffsets(dims: PerGridAxis, strides: PerGridAxis): Float64Array {
  let offsets = new Float64Array(1);
  for (let axis = 0; axis < 4; axis++) {
    const size = dims[axis]!;
    const next = new Float64Array(offsets.length * size);
    for (let outer = 0; outer < offsets.length; outer++) {
      for (let i = 0; i < size; i++) next[outer * size + i] = offsets[outer]! + i * strides[axis]!;
    }
    offsets = next;
  }
  return offsets;
}

interface GridAxis {
  readonly size: number;
  readonly stride: number;
  readonly reduced: boolean;
}

/** The outermost axis of the tensor, if it has any of more than one element. */
export function outermostAxis({
  keptDims,
  keptStrides,
  reducedDims,
  reducedStrides,
}: Grids): GridAxis | undefined {
  const axes = [
    ...keptDims.map((size, axis) => ({ size, stride: keptStrides[axis]!, reduced: false })),
    ...reducedDims.map((size, axis) => ({ size, stride: reducedStrides[axis]!, reduced: true })),
  ].filter(({ size }) => size > 1);
  return axes.toSorted((a, b) => b.stride - a.stride)[0];
}

/** The same tensor with another size of its outermost axis. */
export function withOutermost<G extends Grids>(grids: G, size: number): G {
  const outermost = outermostAxis(grids);
  if (!outermost) return grids;
  const [dims, strides] = outermost.reduced
    ? [grids.reducedDims, grids.reducedStrides]
    : [grids.keptDims, grids.keptStrides];
  const changed = dims.map((old, axis) =>
    old > 1 && strides[axis] === outermost.stride ? size : old,
  ) as unknown as PerGridAxis;
  return outermost.reduced ? { ...grids, reducedDims: changed } : { ...grids, keptDims: changed };
}

/** Cuts the kept axis that is the outermost of a tensor into multiples of `unit`; 1 where there is none. */
export function keptOutermost(grids: Grids, unit = 1): number {
  const outermost = outermostAxis(grids);
  if (!outermost || outermost.reduced || outermost.size % unit !== 0) return 1;
  return outermost.size / unit;
}
