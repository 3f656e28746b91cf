import { DTypeError, ShapeError } from '../errors.ts';
import { gateOperation } from '../kernels/gate/index.ts';
import type { Activation, Limits } from '../reference/activation.ts';
import { formatShape, sameShape, type Tensor } from '../tensor.ts';
import { checkActivation } from './activation.ts';
import { execute } from './execute.ts';
import { checkOptions } from './options.ts';
import type { KernelChoice } from './select.ts';

export interface GateOptions extends KernelChoice {
  /** Default: `silu`, which makes SwiGLU of two products. */
  readonly activation?: Activation | undefined;
  /** Smallest and largest result of the activation `clip`. */
  readonly limits?: Limits | undefined;
}

/**
 * What a gate lets through: `activation(g) * u`, element by element. Where g and u are products with the same input,
 * `matmul` with `gated` does it on the way.
 *
 * @throws ShapeError unless g and u have one shape; DTypeError unless both are f32 or both f16.
 */
export function gate<D extends 'f32' | 'f16'>(
  g: Tensor<D>,
  u: Tensor<NoInfer<D>>,
  options: GateOptions = {},
): Tensor<D> {
  checkOptions('gate', options, ['activation', 'limits'], { g, u });
  const { activation = 'silu' } = options;
  const limits = checkActivation('gate', activation, options.limits);
  if (!sameShape(g.shape, u.shape)) {
    throw new ShapeError(`gate: g ${formatShape(g.shape)} and u ${formatShape(u.shape)} differ`, {
      g: g.shape,
      u: u.shape,
    });
  }
  const dtype: string = g.dtype;
  if ((dtype !== 'f32' && dtype !== 'f16') || u.dtype !== dtype) {
    throw new DTypeError(`gate takes tensors that are both f32 or both f16, got ${dtype} and ${u.dtype}`, {
      got: [dtype, u.dtype],
    });
  }
  return execute({
    operation: gateOperation,
    problem: { dtype, elements: g.size, activation, limits },
    inputs: [g, u],
    shapes: [g.shape],
    choice: options,
  })[0] as Tensor<D>;
}
