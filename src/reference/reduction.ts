import type { DType, Shape } from '../tensor.ts';

/** What a reduction makes of the elements that it combines into one. */
export type ReductionKind = 'sum' | 'mean' | 'max' | 'min' | 'argmax' | 'argmin';

/** One number for each of up to four axes, outermost first. */
export type PerGridAxis = readonly [number, number, number, number];

/**
 * `y[o] = kind over r of x[offset(o) + offset(r)]`: each point o of the grid of kept axes combines the elements along the
 * grid of reduced axes. Neighbouring axes of the tensor that are both kept, or both reduced, count as one.
 */
export interface ReductionProblem {
  readonly kind: ReductionKind;
  /** Type of the elements; arg-reductions give u32, the others the same type. f16 is summed in f32. */
  readonly dtype: DType;
  /** Sizes of the kept axes, 1 for those that are not used. */
  readonly keptDims: PerGridAxis;
  /** Distance in elements between neighbours along a kept axis. */
  readonly keptStrides: PerGridAxis;
  readonly reducedDims: PerGridAxis;
  readonly reducedStrides: PerGridAxis;
}

/** Number of points of a grid. */
export function gridSize(dims: PerGridAxis): number {
  return dims[0] * dims[1] * dims[2] * dims[3];
}

/** Data type of a reduction's result. */
export function reductionResultType({ kind, dtype }: Pick<ReductionProblem, 'kind' | 'dtype'>): DType {
  return kind === 'argmax' || kind === 'argmin' ? 'u32' : dtype;
}

interface GridAxis {
  readonly size: number;
  readonly stride: number;
  readonly reduced: boolean;
}

/**
 * The problem of reducing the given axes of a row-major tensor, or undefined where kept and reduced axes alternate more
 * often than the two grids of four axes can say.
 */
export function reductionProblem(
  kind: ReductionKind,
  dtype: DType,
  shape: Shape,
  reducedAxes: ReadonlySet<number>,
): ReductionProblem | undefined {
  const axes: GridAxis[] = [];
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    const reduced = reducedAxes.has(axis);
    const inner = axes[0];
    if (size === 1) continue;
    if (inner?.reduced === reduced) axes[0] = { ...inner, size: inner.size * size };
    else axes.unshift({ size, stride, reduced });
    stride *= size;
  }
  const kept = grid(axes.filter((axis) => !axis.reduced));
  const reduced = grid(axes.filter((axis) => axis.reduced));
  if (!kept || !reduced) return undefined;
  return {
    kind,
    dtype,
    keptDims: kept.dims,
    keptStrides: kept.strides,
    reducedDims: reduced.dims,
    reducedStrides: reduced.strides,
  };
}

function grid(axes: readonly GridAxis[]): { dims: PerGridAxis; strides: PerGridAxis } | undefined {
  if (axes.length > 4) return undefined;
  const pad = (values: readonly number[], fill: number): PerGridAxis =>
    [...Array.from({ length: 4 - values.length }, () => fill), ...values] as unknown as PerGridAxis;
  return {
    dims: pad(
      axes.map(({ size }) => size),
      1,
    ),
    strides: pad(
      axes.map(({ stride }) => stride),
      0,
    ),
  };
}

/** Offset of every point of a grid, in row-major order of the grid. */
function gridOffsets(dims: PerGridAxis, strides: PerGridAxis): Float64Array {
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

/** The definition of the reductions, in f64. Integer sums wrap around as 32-bit integers do. */
export function reductionReference(problem: ReductionProblem, x: Float64Array): Float64Array {
  const outer = gridOffsets(problem.keptDims, problem.keptStrides);
  const inner = gridOffsets(problem.reducedDims, problem.reducedStrides);
  const y = new Float64Array(outer.length);
  for (let o = 0; o < outer.length; o++) {
    y[o] = reduceOne(problem, x, outer[o]!, inner);
  }
  return y;
}

function reduceOne(
  { kind, dtype }: ReductionProblem,
  x: Float64Array,
  start: number,
  offsets: Float64Array,
): number {
  if (kind === 'sum' || kind === 'mean') {
    let total = 0;
    for (let r = 0; r < offsets.length; r++) {
      total += x[start + offsets[r]!]!;
      // Integers wrap around at each step: in the end, their sum might have left what a double holds exactly.
      if (dtype === 'i32') total |= 0;
      else if (dtype === 'u32') total >>>= 0;
    }
    return kind === 'mean' ? total / offsets.length : total;
  }
  if (kind === 'max' || kind === 'min') {
    // These let NaN through, and take -0 for smaller than +0.
    const better = kind === 'max' ? Math.max : Math.min;
    let best = kind === 'max' ? -Infinity : Infinity;
    for (let r = 0; r < offsets.length; r++) best = better(best, x[start + offsets[r]!]!);
    return best;
  }
  return extremeIndex(kind === 'argmax', x, start, offsets);
}

/** Where the largest or smallest element is: NaN before all numbers, and the first of equals. */
function extremeIndex(largest: boolean, x: Float64Array, start: number, offsets: Float64Array): number {
  let best = 0;
  for (let r = 0; r < offsets.length; r++) {
    const value = x[start + offsets[r]!]!;
    const leader = x[start + offsets[best]!]!;
    if (Number.isNaN(value)) return r;
    if (largest ? value > leader : value < leader) best = r;
  }
  return best;
}
