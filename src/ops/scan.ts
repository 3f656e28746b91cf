import { ArgumentError } from '../errors.ts';
import { scanOperation } from '../kernels/scan/index.ts';
import type { ScanOperator } from '../reference/scan.ts';
import type { DType, Tensor } from '../tensor.ts';
import { viewAlong } from './axes.ts';
import { arithmeticType } from './dtypes.ts';
import { execute } from './execute.ts';
import { checkFlag, checkOptions } from './options.ts';
import type { KernelChoice } from './select.ts';

export interface CumsumOptions extends KernelChoice {
  /** The axis to go along; negative ones count from the end. Default: -1. */
  readonly axis?: number | undefined;
  /** Leaves the element itself out of its result: the first is then what the operator makes of nothing. Default: false. */
  readonly exclusive?: boolean | undefined;
  /** Goes from the last element to the first. Default: false. */
  readonly reverse?: boolean | undefined;
}

export interface ScanOptions extends CumsumOptions {
  /** What combines elements. Default: `sum`. */
  readonly op?: ScanOperator | undefined;
}

const OPERATORS: readonly ScanOperator[] = ['sum', 'prod', 'max', 'min'];

/**
 * Running sums, products or extremes along an axis: `y[i] = x[0] + … + x[i]`. f16 is combined in f32; integers wrap around;
 * NaN propagates. Nothing gives 0, 1, and for extremes the infinities, or an integer type's least and greatest. The bits
 * are the same from run to run.
 *
 * @example scan(x, { axis: 0, op: 'max', exclusive: true })
 * @throws ShapeError for an axis that x does not have; ArgumentError for an operator that there is not.
 */
export function scan<D extends DType>(x: Tensor<D>, options: ScanOptions = {}): Tensor<D> {
  return scanAs('scan', x, options, ['op']);
}

/**
 * Running sums along an axis, as `scan` makes them.
 *
 * @throws ShapeError for an axis that x does not have.
 */
export function cumsum<D extends DType>(x: Tensor<D>, options: CumsumOptions = {}): Tensor<D> {
  return scanAs('cumsum', x, options, []);
}

function scanAs<D extends DType>(
  name: string,
  x: Tensor<D>,
  options: ScanOptions,
  furtherOptions: readonly string[],
): Tensor<D> {
  checkOptions(name, options, ['axis', 'exclusive', 'reverse', ...furtherOptions]);
  const { op, axis = -1 } = options;
  return execute({
    operation: scanOperation,
    problem: {
      operator: checkScanOperator(name, op),
      dtype: arithmeticType(name, x),
      ...viewAlong(name, x.shape, axis),
      exclusive: checkFlag(name, 'exclusive', options.exclusive),
      reverse: checkFlag(name, 'reverse', options.reverse),
    },
    inputs: [x],
    shapes: [x.shape],
    choice: options,
  })[0] as Tensor<D>;
}

/** @throws ArgumentError for an operator that there is not; left out, it is `sum`. */
export function checkScanOperator(name: string, op: ScanOperator = 'sum'): ScanOperator {
  if (OPERATORS.includes(op)) return op;
  throw new ArgumentError(`${name}: op must be one of ${OPERATORS.join(', ')}, got ${JSON.stringify(op)}`, {
    got: op,
    expected: OPERATORS,
  });
}
