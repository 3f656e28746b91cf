import { DTypeError } from '../errors.ts';
import { softmaxOperation } from '../kernels/softmax/index.ts';
import { softmaxBackwardOperation } from '../kernels/softmaxBackward/index.ts';
import type { SoftmaxProblem } from '../reference/softmax.ts';
import { type Tensor } from '../tensor.ts';
import { viewAlong } from './axes.ts';
import { execute } from './execute.ts';
import { checkOptions, checkTensor } from './options.ts';
import type { KernelChoice } from './select.ts';
import { expectShape, expectType } from './expect.ts';

export interface SoftmaxOptions extends KernelChoice {
  /** The axis whose elements add up to 1; negative ones count from the end. Default: -1. */
  readonly axis?: number | undefined;
}

/**
 * `exp(x - max) / sum(exp(x - max))` along an axis, shifted by the largest element so that nothing overflows, and computed
 * in f32. As in PyTorch and ONNX a row of nothing but -infinity gives NaN, as does one with +infinity or NaN.
 *
 * @throws ShapeError for an axis that x does not have; DTypeError for integers.
 */
export function softmax<D extends 'f32' | 'f16'>(x: Tensor<D>, options: SoftmaxOptions = {}): Tensor<D> {
  return run('softmax', x, options);
}

/**
 * `x - max - log(sum(exp(x - max)))` along an axis: the logarithm of a softmax, exact where the softmax itself is too small for its
 * type. -infinity stays -infinity; else rows become NaN as for `softmax`.
 *
 * @throws as `softmax` does.
 */
export function logSoftmax<D extends 'f32' | 'f16'>(x: Tensor<D>, options: SoftmaxOptions = {}): Tensor<D> {
  return run('logSoftmax', x, options);
}

/**
 * The gradient of `softmax` for the gradient dy of its result y: `y * (dy - sum(y * dy))` along the axis, summed in f32.
 *
 * @throws ShapeError for an axis that y does not have, or when dy has another shape; DTypeError for integers or unequal types.
 */
export function softmaxBackward<D extends 'f32' | 'f16'>(
  y: Tensor<D>,
  dy: Tensor<NoInfer<D>>,
  options: SoftmaxOptions = {},
): Tensor<D> {
  return runBackward('softmaxBackward', y, dy, options);
}

/**
 * The gradient of `logSoftmax` for the gradient dy of its result y: `dy - exp(y) * sum(dy)` along the axis, summed in f32.
 *
 * @throws as `softmaxBackward` does.
 */
export function logSoftmaxBackward<D extends 'f32' | 'f16'>(
  y: Tensor<D>,
  dy: Tensor<NoInfer<D>>,
  options: SoftmaxOptions = {},
): Tensor<D> {
  return runBackward('logSoftmaxBackward', y, dy, options);
}

function run<D extends 'f32' | 'f16'>(
  op: 'softmax' | 'logSoftmax',
  x: Tensor<D>,
  options: SoftmaxOptions,
): Tensor<D> {
  return execute({
    operation: softmaxOperation,
    problem: problemOf(op, op === 'logSoftmax', x, options),
    inputs: [x],
    shapes: [x.shape],
    choice: options,
  })[0] as Tensor<D>;
}

function runBackward<D extends 'f32' | 'f16'>(
  op: 'softmaxBackward' | 'logSoftmaxBackward',
  y: Tensor<D>,
  dy: Tensor,
  options: SoftmaxOptions,
): Tensor<D> {
  checkTensor(op, 'dy', dy);
  const problem = problemOf(op, op === 'logSoftmaxBackward', y, options);
  expectType(op, 'dy', dy, [y.dtype], ' as y is');
  expectShape(op, 'dy', dy, [y.shape], ' as y has');
  return execute({
    operation: softmaxBackwardOperation,
    problem,
    inputs: [y, dy],
    shapes: [y.shape],
    choice: options,
  })[0] as Tensor<D>;
}

function problemOf(op: string, log: boolean, x: Tensor, options: SoftmaxOptions): SoftmaxProblem {
  checkOptions(op, options, ['axis'], { x });
  const { shape, dtype } = x;
  if (dtype !== 'f32' && dtype !== 'f16') {
    throw new DTypeError(`${op} takes f32 or f16, got ${dtype}`, { got: dtype, expected: ['f32', 'f16'] });
  }
  return { log, dtype, ...viewAlong(op, shape, options.axis ?? -1) };
}
