import { ArgumentError, DTypeError, ShapeError, UnsupportedError } from '../errors.ts';
import { reductionOperation } from '../kernels/reduction/index.ts';
import { reductionProblem, type ReductionKind } from '../reference/reduction.ts';
import { elementCount, formatShape, type DType, type Tensor } from '../tensor.ts';
import { normalizeAxis } from './axes.ts';
import { execute } from './execute.ts';
import { checkOptions } from './options.ts';
import type { KernelChoice } from './select.ts';

export interface ReductionOptions extends KernelChoice {
  /** The axes to combine, in any order; negative ones count from the end, none leaves the shape as it is. Default: all. */
  readonly axes?: number | readonly number[] | undefined;
  /** Keeps the combined axes with size 1. Default: false. */
  readonly keepDims?: boolean | undefined;
}

/**
 * Sums along axes. f16 is summed in f32; i32 and u32 wrap around. The sum of nothing is 0.
 *
 * @throws ShapeError for an axis that x does not have, or one given twice.
 */
export function sum<D extends DType>(x: Tensor<D>, options: ReductionOptions = {}): Tensor<D> {
  return reduce('sum', x, options) as Tensor<D>;
}

/**
 * Means along axes, summed in f32. The mean of nothing is NaN.
 *
 * @throws ShapeError for an axis that x does not have, or one given twice; DTypeError for integers.
 */
export function mean<D extends 'f32' | 'f16'>(x: Tensor<D>, options: ReductionOptions = {}): Tensor<D> {
  return reduce('mean', x, options) as Tensor<D>;
}

/**
 * Largest elements along axes. NaN wherever one of the elements is NaN.
 *
 * @throws ShapeError for an axis that x does not have, one given twice, or axes without elements.
 */
export function max<D extends DType>(x: Tensor<D>, options: ReductionOptions = {}): Tensor<D> {
  return reduce('max', x, options) as Tensor<D>;
}

/**
 * Smallest elements along axes. NaN wherever one of the elements is NaN.
 *
 * @throws ShapeError for an axis that x does not have, one given twice, or axes without elements.
 */
export function min<D extends DType>(x: Tensor<D>, options: ReductionOptions = {}): Tensor<D> {
  return reduce('min', x, options) as Tensor<D>;
}

/**
 * Positions of the largest elements along axes: the first of equals, or the first NaN where there is one. With several
 * axes the position counts through them in row-major order, so without `axes` it is the index into the whole tensor.
 *
 * @throws ShapeError for an axis that x does not have, one given twice, or axes without elements.
 */
export function argmax(x: Tensor, options: ReductionOptions = {}): Tensor<'u32'> {
  return reduce('argmax', x, options) as Tensor<'u32'>;
}

/**
 * Positions of the smallest elements along axes, as `argmax` counts them.
 *
 * @throws ShapeError for an axis that x does not have, one given twice, or axes without elements.
 */
export function argmin(x: Tensor, options: ReductionOptions = {}): Tensor<'u32'> {
  return reduce('argmin', x, options) as Tensor<'u32'>;
}

const OPTIONS = ['axes', 'keepDims'] as const;

function reduce(kind: ReductionKind, x: Tensor, options: ReductionOptions): Tensor {
  checkOptions(kind, options, OPTIONS);
  const { shape, dtype } = x;
  if (dtype === 'bf16' || dtype === 'i8') {
    throw new DTypeError(`${kind} takes f32, f16, i32 or u32, got ${dtype}; cast() converts it`, {
      got: dtype,
      expected: ['f32', 'f16', 'i32', 'u32'],
    });
  }
  if (kind === 'mean' && dtype !== 'f32' && dtype !== 'f16') {
    throw new DTypeError(`mean takes f32 or f16, got ${dtype}`, { got: dtype, expected: ['f32', 'f16'] });
  }
  const reduced = reducedAxes(kind, shape, options.axes);
  const kept = shape.filter((_, axis) => !reduced.has(axis));
  const combined = shape.filter((_, axis) => reduced.has(axis));
  if (kind !== 'sum' && kind !== 'mean' && elementCount(combined) === 0 && elementCount(kept) > 0) {
    throw new ShapeError(
      `${kind} of no elements is not defined: x ${formatShape(shape)} is empty along axes ${formatShape([...reduced])}`,
      { x: shape, axes: [...reduced] },
    );
  }
  const problem = reductionProblem(kind, dtype, shape, reduced);
  if (!problem) {
    throw new UnsupportedError(
      `${kind}: axes ${formatShape([...reduced])} of x ${formatShape(shape)} alternate with the kept ones more than ` +
        'four times; reduce some of them first',
      { x: shape, axes: [...reduced] },
    );
  }
  const resultShape = options.keepDims ? shape.map((size, axis) => (reduced.has(axis) ? 1 : size)) : kept;
  return execute({
    operation: reductionOperation,
    problem,
    inputs: [x],
    shapes: [resultShape],
    choice: options,
  })[0]!;
}

function reducedAxes(op: string, shape: readonly number[], axes: ReductionOptions['axes']): Set<number> {
  if (axes === undefined) return new Set(shape.keys());
  if (typeof axes !== 'number' && !Array.isArray(axes)) {
    throw new ArgumentError(
      `${op}: axes must be a number or an array of numbers, got ${JSON.stringify(axes)}`,
      {
        got: axes,
      },
    );
  }
  const reduced = new Set<number>();
  for (const axis of typeof axes === 'number' ? [axes] : (axes as readonly number[])) {
    const normalized = normalizeAxis(op, shape, axis);
    if (reduced.has(normalized)) {
      throw new ShapeError(`${op}: axes ${JSON.stringify(axes)} name axis ${normalized} of x twice`, {
        got: axes,
      });
    }
    reduced.add(normalized);
  }
  return reduced;
}
