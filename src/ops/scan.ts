import { ArgumentError } from '../errors.ts';
import { scanOperation } from '../kernels/scan/index.ts';
import type { ArithmeticType } from '../reference/arithmetic.ts';
import type { ReductionOperator } from '../reference/reduction.ts';
import type { ScanOperator, ScanProblem } from '../reference/scan.ts';
import type { DType, Tensor } from '../tensor.ts';
import { viewAlong } from './axes.ts';
import { checkCallerOperator } from './callerOperator.ts';
import { arithmeticType } from './dtypes.ts';
import { execute } from './execute.ts';
import { checkOptions } from './options.ts';
import type { KernelChoice } from './select.ts';
import { refuse } from '../expect.ts';

export interface CumsumOptions extends KernelChoice {
  /** The axis to go along; negative ones count from the end. Default: -1. */
  readonly axis?: number | undefined;
  /** Leaves the element itself out of its result: the first is then what the operator makes of nothing. Default: false. */
  readonly exclusive?: boolean | undefined;
  /** Goes from the last element to the first. Default: false. */
  readonly reverse?: boolean | undefined;
  /**
   * Makes the same bits on every adapter, and on the CPU path, whatever the kernel: each sum of floats is exact, made in integers and
   * rounded once. Slower. Default: false, which makes the same bits from run to run on one device.
   */
  readonly reproducible?: boolean | undefined;
}

export interface ScanOptions extends CumsumOptions {
  /** What combines elements: one of those that there are, or an operator of the caller's, as `reduce` takes it. Default: `sum`. */
  readonly op?: ScanOperator | ReductionOperator | undefined;
}

const OPERATORS: readonly ScanOperator[] = ['sum', 'prod', 'max', 'min'];

/**
 * Running sums, products or extremes along an axis: `y[i] = x[0] + … + x[i]`. f16 is combined in f32; integers wrap around;
 * NaN propagates. Nothing gives 0, 1, and for extremes the infinities, or an integer type's least and greatest. The bits
 * are the same from run to run.
 *
 * An operator of the caller's has to be associative; it need not be commutative: `a` is always what comes first in the order of the
 * scan. It must be given an identity that changes nothing on either side.
 *
 * @example scan(x, { axis: 0, op: 'max', exclusive: true })
 * @example scan(x, { op: { combine: 'select(b, a, b == 0)', identity: '0' } }) // the last that was not 0
 * @throws ShapeError for an axis that x does not have; ArgumentError for an operator that there is not, for one that is not made of
 *   expressions, with the position, and for `reproducible` products or operators of floats. A ShaderCompileError, which names the
 *   expression, when the adapter refuses it.
 */
export function scan<D extends DType>(x: Tensor<D>, options: ScanOptions = {}): Tensor<D> {
  return scanAs('scan', x, options, ['op'], (dtype) => checkScanOperator('scan', options.op, dtype));
}

/**
 * Running sums along an axis, as `scan` makes them.
 *
 * @throws ShapeError for an axis that x does not have.
 */
export function cumsum<D extends DType>(x: Tensor<D>, options: CumsumOptions = {}): Tensor<D> {
  return scanAs('cumsum', x, options, [], () => 'sum');
}

/** Reads the operator, for elements of a type: who has none of the caller's carries no parser along. */
type OperatorOf = (dtype: ArithmeticType) => ScanProblem['operator'];

function scanAs<D extends DType>(
  name: string,
  x: Tensor<D>,
  options: ScanOptions,
  furtherOptions: readonly string[],
  operatorOf: OperatorOf,
): Tensor<D> {
  checkOptions(name, options, ['axis', 'exclusive', 'reverse', 'reproducible', ...furtherOptions], { x });
  const { axis = -1 } = options;
  return execute({
    operation: scanOperation,
    problem: {
      ...viewAlong(name, x.shape, axis),
      ...checkHow(name, x, options, operatorOf),
    },
    inputs: [x],
    shapes: [x.shape],
    choice: options,
  })[0] as Tensor<D>;
}

/**
 * How a problem combines what.
 *
 * @throws ArgumentError for an operator that there is not, or that cannot be reproducible.
 */
export function checkHow(
  name: string,
  x: Tensor,
  options: ScanOptions,
  operatorOf: OperatorOf,
): Pick<ScanProblem, 'operator' | 'dtype' | 'exclusive' | 'reverse' | 'reproducible'> {
  const dtype = arithmeticType(name, x);
  return {
    operator: operatorOf(dtype),
    dtype,
    exclusive: options.exclusive ?? false,
    reverse: options.reverse ?? false,
    reproducible: checkReproducible(name, options, dtype),
  };
}

/** @throws ArgumentError for an operator that there is not; left out, it is `sum`. */
export function checkScanOperator(
  name: string,
  op: ScanOptions['op'] = 'sum',
  dtype: ArithmeticType,
): ScanProblem['operator'] {
  if (typeof op === 'object' && op !== null) return checkCallerOperator(name, op, dtype);
  if (OPERATORS.includes(op)) return op;
  const wanted = `one of ${OPERATORS.join(', ')}, or an operator { combine, identity, map }`;
  return refuse(name, 'op', wanted, op, OPERATORS);
}

/**
 * Whether results are to be the same on every adapter.
 *
 * @throws ArgumentError where they cannot be.
 */
export function checkReproducible(
  name: string,
  { op, reproducible = false }: { readonly op?: unknown; readonly reproducible?: boolean | undefined },
  dtype: ArithmeticType,
): boolean {
  const rounds = (dtype === 'f32' || dtype === 'f16') && (op === 'prod' || typeof op === 'object');
  if (!reproducible || !rounds) return reproducible;
  throw new ArgumentError(
    `${name}: what ${op === 'prod' ? 'products' : 'an operator of the caller'} of ${dtype} rounds depends on the adapter; ` +
      'sums, maxima, minima and integers can be reproducible',
    { got: op },
  );
}
