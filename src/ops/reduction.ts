import { DTypeError, ShapeError, UnsupportedError } from '../errors.ts';
import { reductionOperation } from '../kernels/reduction/index.ts';
import {
  reductionProblem,
  type ReductionKind,
  type ReductionOperator,
  type UnderstoodOperator,
} from '../reference/reduction.ts';
import { elementCount, formatShape, type DType, type Tensor } from '../tensor.ts';
import { normalizeAxes } from './axes.ts';
import { checkCallerOperator } from './callerOperator.ts';
import { execute } from './execute.ts';
import { checkOptions } from './options.ts';
import type { KernelChoice } from './select.ts';
import { refuse } from '../expect.ts';

export interface ReductionOptions extends KernelChoice {
  /** The axes to combine, in any order; negative ones count from the end, none leaves the shape as it is. Default: all. */
  readonly axes?: number | readonly number[] | undefined;
  /** Keeps the combined axes with size 1. Default: false. */
  readonly keepDims?: boolean | undefined;
}

export interface SumOptions extends ReductionOptions {
  /**
   * Makes the same bits on every adapter, and on the CPU path, whatever the kernel: sums exactly, in integers, and rounds once.
   * Slower. Default: false, which makes the same bits from run to run on one device.
   */
  readonly reproducible?: boolean | undefined;
}

export interface VarianceOptions extends ReductionOptions {
  /**
   * What is taken off the number of elements before the sum of squares is divided by it: 0 for the variance of a population, 1
   * for the unbiased estimate from a sample. Default: 0.
   */
  readonly correction?: number | undefined;
}

/**
 * Sums along axes. f16 is summed in f32; i32 and u32 wrap around. The sum of nothing is 0.
 *
 * @throws ShapeError for an axis that x does not have, or one given twice.
 */
export function sum<D extends DType>(x: Tensor<D>, options: SumOptions = {}): Tensor<D> {
  return run('sum', x, options)[0] as Tensor<D>;
}

/**
 * Means along axes, summed in f32. The mean of nothing is NaN.
 *
 * @throws ShapeError for an axis that x does not have, or one given twice; DTypeError for integers.
 */
export function mean<D extends 'f32' | 'f16'>(x: Tensor<D>, options: SumOptions = {}): Tensor<D> {
  return run('mean', x, options)[0] as Tensor<D>;
}

/**
 * Products along axes. f16 is multiplied in f32; i32 and u32 wrap around. The product of nothing is 1.
 *
 * @throws ShapeError for an axis that x does not have, or one given twice.
 */
export function prod<D extends DType>(x: Tensor<D>, options: ReductionOptions = {}): Tensor<D> {
  return run('prod', x, options)[0] as Tensor<D>;
}

/**
 * Largest elements along axes. NaN wherever one of the elements is NaN.
 *
 * @throws ShapeError for an axis that x does not have, one given twice, or axes without elements.
 */
export function max<D extends DType>(x: Tensor<D>, options: ReductionOptions = {}): Tensor<D> {
  return run('max', x, options)[0] as Tensor<D>;
}

/**
 * Smallest elements along axes. NaN wherever one of the elements is NaN.
 *
 * @throws ShapeError for an axis that x does not have, one given twice, or axes without elements.
 */
export function min<D extends DType>(x: Tensor<D>, options: ReductionOptions = {}): Tensor<D> {
  return run('min', x, options)[0] as Tensor<D>;
}

/**
 * 1 where an element along the axes differs from zero, as NaN does, else 0. 0 for nothing.
 *
 * @throws ShapeError for an axis that x does not have, or one given twice.
 */
export function any(x: Tensor, options: ReductionOptions = {}): Tensor<'u32'> {
  return run('any', x, options)[0] as Tensor<'u32'>;
}

/**
 * 1 where all elements along the axes differ from zero, as NaN does, else 0. 1 for nothing.
 *
 * @throws ShapeError for an axis that x does not have, or one given twice.
 */
export function all(x: Tensor, options: ReductionOptions = {}): Tensor<'u32'> {
  return run('all', x, options)[0] as Tensor<'u32'>;
}

/**
 * Positions of the largest elements along axes: the first of equals, or the first NaN where there is one. With several
 * axes the position counts through them in row-major order, so without `axes` it is the index into the whole tensor.
 *
 * @throws ShapeError for an axis that x does not have, one given twice, or axes without elements.
 */
export function argmax(x: Tensor, options: ReductionOptions = {}): Tensor<'u32'> {
  return run('argmax', x, options)[0] as Tensor<'u32'>;
}

/**
 * Positions of the smallest elements along axes, as `argmax` counts them.
 *
 * @throws ShapeError for an axis that x does not have, one given twice, or axes without elements.
 */
export function argmin(x: Tensor, options: ReductionOptions = {}): Tensor<'u32'> {
  return run('argmin', x, options)[0] as Tensor<'u32'>;
}

/**
 * Sums of squares along axes. f16 is summed in f32; i32 and u32 wrap around. 0 for nothing.
 *
 * @throws ShapeError for an axis that x does not have, or one given twice.
 */
export function sumSquare<D extends DType>(x: Tensor<D>, options: ReductionOptions = {}): Tensor<D> {
  return run('sumSquare', x, options)[0] as Tensor<D>;
}

/**
 * Sums of absolute values along axes. f16 is summed in f32; i32 and u32 wrap around. 0 for nothing.
 *
 * @throws ShapeError for an axis that x does not have, or one given twice.
 */
export function l1Norm<D extends DType>(x: Tensor<D>, options: ReductionOptions = {}): Tensor<D> {
  return run('l1Norm', x, options)[0] as Tensor<D>;
}

/**
 * Roots of the sums of squares along axes, infinite in f32 where that sum is. 0 for nothing.
 *
 * @throws ShapeError for an axis that x does not have, or one given twice; DTypeError for integers.
 */
export function l2Norm<D extends 'f32' | 'f16'>(x: Tensor<D>, options: ReductionOptions = {}): Tensor<D> {
  return run('l2Norm', x, options)[0] as Tensor<D>;
}

/**
 * Logarithms of the sums along axes: NaN below zero, -infinity for 0 and for nothing.
 *
 * @throws ShapeError for an axis that x does not have, or one given twice; DTypeError for integers.
 */
export function logSum<D extends 'f32' | 'f16'>(x: Tensor<D>, options: ReductionOptions = {}): Tensor<D> {
  return run('logSum', x, options)[0] as Tensor<D>;
}

/**
 * `log(sum(exp(x)))` along axes, shifted by the largest element so that nothing overflows. +infinity where an element is, NaN
 * where one is NaN, -infinity where all are and for nothing.
 *
 * @throws ShapeError for an axis that x does not have, or one given twice; DTypeError for integers.
 */
export function logSumExp<D extends 'f32' | 'f16'>(x: Tensor<D>, options: ReductionOptions = {}): Tensor<D> {
  return run('logSumExp', x, options)[0] as Tensor<D>;
}

/**
 * Variances along axes in one pass over the elements, in f32; no offset that they have in common costs accuracy. NaN where an
 * element is not finite, and for nothing; as in PyTorch also where there are no more elements than `correction` and they are equal.
 *
 * @throws ShapeError for an axis that x does not have, or one given twice; ArgumentError for a negative correction; DTypeError for integers.
 */
export function variance<D extends 'f32' | 'f16'>(x: Tensor<D>, options: VarianceOptions = {}): Tensor<D> {
  return run('variance', x, options)[0] as Tensor<D>;
}

/**
 * Standard deviations along axes, the roots of what `variance` gives.
 *
 * @throws ShapeError for an axis that x does not have, or one given twice; ArgumentError for a negative correction; DTypeError for integers.
 */
export function std<D extends 'f32' | 'f16'>(x: Tensor<D>, options: VarianceOptions = {}): Tensor<D> {
  return run('std', x, options)[0] as Tensor<D>;
}

/**
 * Means and variances along axes, together in one pass over the elements; see `variance`.
 *
 * @throws ShapeError for an axis that x does not have, or one given twice; ArgumentError for a negative correction; DTypeError for
 *   integers.
 */
export function moments<D extends 'f32' | 'f16'>(
  x: Tensor<D>,
  options: VarianceOptions = {},
): { readonly mean: Tensor<D>; readonly variance: Tensor<D> } {
  const [mean, variance] = run('moments', x, options) as [Tensor<D>, Tensor<D>];
  return { mean, variance };
}

/**
 * Combines elements along axes with an operator of the caller's: WGSL expressions of numbers, of the type of x, or f32 where x is
 * f16. The result of no elements is the identity. Elements are combined in any order, the same from run to run.
 *
 * @example reduce(x, { combine: 'a + b', identity: '0.0', map: 'x * x' }, { axes: -1 })
 * @throws ArgumentError for what is not one expression, with its position; ShapeError for an axis that x does not have, or one given
 *   twice. A ShaderCompileError, which names the expression, when the adapter refuses it.
 */
export function reduce<D extends DType>(
  x: Tensor<D>,
  operator: ReductionOperator,
  options: ReductionOptions = {},
): Tensor<D> {
  return run('custom', x, options, (dtype) => checkCallerOperator('reduce', operator, dtype))[0] as Tensor<D>;
}

const OPTIONS = ['axes', 'keepDims'] as const;

/** Kinds that have no result for no elements. */
const WITHOUT_IDENTITY: ReadonlySet<ReductionKind> = new Set(['max', 'min', 'argmax', 'argmin']);

/** Kinds that can be made the same on every adapter, where they are not always. */
const SUMS: ReadonlySet<ReductionKind> = new Set(['sum', 'mean']);

const CORRECTED: ReadonlySet<ReductionKind> = new Set(['variance', 'std', 'moments']);

const FLOATING: ReadonlySet<ReductionKind> = new Set(['mean', 'l2Norm', 'logSum', 'logSumExp', ...CORRECTED]);

/** @param customOf reads the caller's operator: who has none carries no parser along */
function run(
  kind: ReductionKind,
  x: Tensor,
  options: VarianceOptions & SumOptions,
  customOf?: (dtype: DType) => UnderstoodOperator,
): Tensor[] {
  const op = kind === 'custom' ? 'reduce' : kind;
  checkOptions(
    op,
    options,
    CORRECTED.has(kind)
      ? [...OPTIONS, 'correction']
      : SUMS.has(kind)
        ? [...OPTIONS, 'reproducible']
        : OPTIONS,
    { x },
  );
  const { shape, dtype } = x;
  if (dtype === 'bf16' || dtype === 'i8') {
    throw new DTypeError(`${op} takes f32, f16, i32 or u32, got ${dtype}; cast() converts it`, {
      got: dtype,
      expected: ['f32', 'f16', 'i32', 'u32'],
    });
  }
  if (FLOATING.has(kind) && dtype !== 'f32' && dtype !== 'f16') {
    throw new DTypeError(`${op} takes f32 or f16, got ${dtype}`, { got: dtype, expected: ['f32', 'f16'] });
  }
  const { correction = 0, reproducible = false } = options;
  const custom = customOf?.(dtype);
  if (typeof correction !== 'number' || !(correction >= 0 && correction < Infinity)) {
    refuse(op, 'correction', 'a number, 0 or more', correction);
  }
  const reduced = normalizeAxes(op, shape, options.axes ?? [...shape.keys()]);
  const kept = shape.filter((_, axis) => !reduced.has(axis));
  const combined = shape.filter((_, axis) => reduced.has(axis));
  if (WITHOUT_IDENTITY.has(kind) && elementCount(combined) === 0 && elementCount(kept) > 0) {
    throw new ShapeError(
      `${op} of no elements is not defined: x ${formatShape(shape)} is empty along axes ${formatShape([...reduced])}`,
      { x: shape, axes: [...reduced] },
    );
  }
  const problem = reductionProblem(kind, dtype, shape, reduced, correction);
  if (!problem) {
    throw new UnsupportedError(
      `${op}: axes ${formatShape([...reduced])} of x ${formatShape(shape)} alternate with the kept ones more than ` +
        'four times; reduce some of them first',
      { x: shape, axes: [...reduced] },
    );
  }
  const resultShape = options.keepDims ? shape.map((size, axis) => (reduced.has(axis) ? 1 : size)) : kept;
  return execute({
    operation: reductionOperation,
    problem: { ...problem, reproducible, ...(custom && { custom }) },
    inputs: [x],
    shapes: [resultShape, resultShape],
    choice: options,
  });
}
