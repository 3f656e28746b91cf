import { DTypeError } from '../errors.ts';
import { softmaxOperation } from '../kernels/softmax/index.ts';
import type { Tensor } from '../tensor.ts';
import { viewAlong } from './axes.ts';
import { execute } from './execute.ts';
import { checkOptions } from './options.ts';
import type { KernelChoice } from './select.ts';

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
  checkOptions('softmax', options, ['axis']);
  const { shape } = x;
  const dtype: string = x.dtype;
  if (dtype !== 'f32' && dtype !== 'f16') {
    throw new DTypeError(`softmax takes f32 or f16, got ${dtype}`, { got: dtype, expected: ['f32', 'f16'] });
  }
  return execute({
    operation: softmaxOperation,
    problem: { dtype, ...viewAlong('softmax', shape, options.axis ?? -1) },
    inputs: [x],
    shapes: [shape],
    choice: options,
  })[0] as Tensor<D>;
}
