import { DTypeError, ShapeError } from '../errors.ts';
import { scanOperation } from '../kernels/scan/index.ts';
import { segmentReductionOperation } from '../kernels/segmentReduce/index.ts';
import type { ArithmeticType } from '../reference/arithmetic.ts';
import type { ReductionOperator } from '../reference/reduction.ts';
import type { SegmentReductionKind, SegmentReductionProblem } from '../reference/segmentReduce.ts';
import { elementCount, formatShape, type DType, type Tensor } from '../tensor.ts';
import { checkCallerOperator } from './callerOperator.ts';
import { deviceOf, execute } from './execute.ts';
import { arithmeticType } from './dtypes.ts';
import { checkOffsets } from './offsets.ts';
import { checkOptions } from './options.ts';
import { checkHow, checkScanOperator, checkReproducible, type ScanOptions } from './scan.ts';
import type { KernelChoice } from './select.ts';
import { refuse } from '../expect.ts';

export interface SegmentReduceOptions extends KernelChoice {
  /** What becomes of each segment: one of those that there are, or an operator of the caller's, as `reduce` takes it. Default: `sum`. */
  readonly op?: SegmentReductionKind | ReductionOperator | undefined;
  /** Makes the same bits on every adapter, as of `sum`; of sums, means, extremes and integers. Default: false. */
  readonly reproducible?: boolean | undefined;
}

export type SegmentScanOptions = Omit<ScanOptions, 'axis'>;

const KINDS: readonly SegmentReductionKind[] = ['sum', 'mean', 'prod', 'max', 'min'];

/**
 * Reduces segments of x along its first axis: `y[s] = op of x[offsets[s]], …, x[offsets[s + 1] - 1]`, as compressed sparse rows
 * have it. Of an empty segment the sum is 0, the product 1, the mean NaN, an extreme the infinity, or the integer type's least or
 * greatest, that loses to every element, and of an operator of the caller's its identity. A kernel gives every segment as many invocations as suit the average: one that
 * is far longer than the others takes long.
 *
 * @param offsets one more than there are segments: 0 first, the size of the axis last, none less than the one before
 * @throws ShapeError for a scalar; ArgumentError for offsets that do not cover the axis or run backwards; DTypeError for
 *   means of integers. A ShaderCompileError, which names the expression, when the adapter refuses a caller's operator.
 */
export function segmentReduce<D extends DType>(
  x: Tensor<D>,
  offsets: ArrayLike<number>,
  options: SegmentReduceOptions = {},
): Tensor<D> {
  const name = 'segmentReduce';
  checkOptions(name, options, ['op', 'reproducible'], { x });
  const dtype = arithmeticType(name, x);
  const kind = checkKind(name, options.op, dtype);
  const reproducible = checkReproducible(name, options, dtype);
  if (kind === 'mean' && (dtype === 'i32' || dtype === 'u32')) {
    throw new DTypeError(`${name}: means are of f32 or f16, got ${dtype}`, {
      got: dtype,
      expected: ['f32', 'f16'],
    });
  }
  const { length, inner, segments } = segmentsOf(name, x, offsets);
  return withOffsets(name, x, offsets, (bounds) =>
    execute({
      operation: segmentReductionOperation,
      problem: { kind, dtype, length, inner, segments, reproducible },
      inputs: [x, bounds],
      shapes: [[segments, ...x.shape.slice(1)]],
      choice: options,
    }),
  );
}

/** @throws ArgumentError for a kind that there is not; left out, it is `sum`. */
function checkKind(
  name: string,
  op: SegmentReduceOptions['op'] = 'sum',
  dtype: ArithmeticType,
): SegmentReductionProblem['kind'] {
  if (typeof op === 'object' && op !== null) return checkCallerOperator(name, op, dtype);
  if (KINDS.includes(op)) return op;
  const wanted = `one of ${KINDS.join(', ')}, or an operator { combine, identity, map }`;
  return refuse(name, 'op', wanted, op, KINDS);
}

/**
 * Scans segments of x along its first axis, each by itself; otherwise as `scan`.
 *
 * @param offsets one more than there are segments: 0 first, the size of the axis last, none less than the one before
 * @throws ShapeError for a scalar; ArgumentError for offsets that do not cover the axis or run backwards.
 */
export function segmentScan<D extends DType>(
  x: Tensor<D>,
  offsets: ArrayLike<number>,
  options: SegmentScanOptions = {},
): Tensor<D> {
  const name = 'segmentScan';
  checkOptions(name, options, ['op', 'exclusive', 'reverse', 'reproducible'], { x });
  const problem = {
    outer: 1,
    ...segmentsOf(name, x, offsets),
    ...checkHow(name, x, options, (dtype) => checkScanOperator(name, options.op, dtype)),
  };
  return withOffsets(name, x, offsets, (bounds) =>
    execute({
      operation: scanOperation,
      problem,
      inputs: [x, bounds],
      shapes: [x.shape],
      choice: options,
    }),
  );
}

/** Records an operation with the offsets on the device, and gives their memory back. */
function withOffsets<D extends DType>(
  name: string,
  x: Tensor<D>,
  offsets: ArrayLike<number>,
  record: (bounds: Tensor) => readonly Tensor[],
): Tensor<D> {
  const bounds = deviceOf(name, [x]).tensor(offsets, [offsets.length], 'u32');
  try {
    return record(bounds)[0] as Tensor<D>;
  } finally {
    bounds.dispose();
  }
}

function segmentsOf(
  name: string,
  { shape }: Tensor,
  offsets: ArrayLike<number>,
): { readonly length: number; readonly inner: number; readonly segments: number } {
  const [length] = shape;
  if (length === undefined) {
    throw new ShapeError(`${name} needs at least one axis, got a scalar`, { x: shape });
  }
  const axis = `the first axis of x ${formatShape(shape)}`;
  checkOffsets(name, 'offsets', offsets, { size: length, axis, least: 2 });
  return { length, inner: elementCount(shape.slice(1)), segments: offsets.length - 1 };
}
