import { normBackwardOperation } from '../kernels/normBackward/index.ts';
import type { NormProblem } from '../reference/norm.ts';
import type { Tensor } from '../tensor.ts';
import { execute } from './execute.ts';
import { checkEpsilon, checkOperands, layoutOfAxes, layoutOfGroups, type NormLayout } from './normLayout.ts';
import { checkOptions } from './options.ts';
import type { KernelChoice } from './select.ts';

type Floating = 'f32' | 'f16';

interface BackwardOptions extends KernelChoice {
  /** As it was given to the norm. Default: 1e-5. */
  readonly epsilon?: number | undefined;
  /** As it was given to the norm. */
  readonly scale?: Tensor | undefined;
}

export interface LayerNormBackwardOptions extends BackwardOptions {
  /** As they were given to the norm. Default: -1. */
  readonly axes?: number | readonly number[] | undefined;
}

export interface GroupNormBackwardOptions extends BackwardOptions {
  /** As they were given to the norm. */
  readonly groups: number;
}

export interface RmsNormGradients<D extends Floating> {
  /** For x, and as well for the residual. */
  readonly dx: Tensor<D>;
  readonly dScale: Tensor<D>;
}

export interface LayerNormGradients<D extends Floating> extends RmsNormGradients<D> {
  readonly dBias: Tensor<D>;
}

/**
 * The gradients of `layerNorm` for the gradient dy of its result. x is what was normalised: where a residual was added, the sum.
 * All sums are made in f32 and in a fixed order.
 *
 * @throws as `layerNorm` does.
 */
export function layerNormBackward<D extends Floating>(
  x: Tensor<D>,
  dy: Tensor<NoInfer<D>>,
  options: LayerNormBackwardOptions = {},
): LayerNormGradients<D> {
  const op = 'layerNormBackward';
  checkOptions(op, options, [...OPTIONS, 'axes'], { x, dy });
  const layout = layoutOfAxes(op, x, options.axes);
  const [dx, dScale, dBias] = run(op, 'layer', x, dy, layout, options) as Gradients<D>;
  return { dx, dScale, dBias };
}

/**
 * The gradients of `rmsNorm` for the gradient dy of its result; see `layerNormBackward`.
 *
 * @throws as `rmsNorm` does.
 */
export function rmsNormBackward<D extends Floating>(
  x: Tensor<D>,
  dy: Tensor<NoInfer<D>>,
  options: LayerNormBackwardOptions = {},
): RmsNormGradients<D> {
  const op = 'rmsNormBackward';
  checkOptions(op, options, [...OPTIONS, 'axes'], { x, dy });
  const [dx, dScale] = run(op, 'rms', x, dy, layoutOfAxes(op, x, options.axes), options) as Gradients<D>;
  return { dx, dScale };
}

/**
 * The gradients of `groupNorm` for the gradient dy of its result; see `layerNormBackward`.
 *
 * @throws as `groupNorm` does.
 */
export function groupNormBackward<D extends Floating>(
  x: Tensor<D>,
  dy: Tensor<NoInfer<D>>,
  options: GroupNormBackwardOptions,
): LayerNormGradients<D> {
  const op = 'groupNormBackward';
  checkOptions(op, options, [...OPTIONS, 'groups'], { x, dy });
  const layout = layoutOfGroups(op, x, options.groups);
  const [dx, dScale, dBias] = run(op, 'layer', x, dy, layout, options) as Gradients<D>;
  return { dx, dScale, dBias };
}

const OPTIONS = ['epsilon', 'scale'] as const;

type Gradients<D extends Floating> = [Tensor<D>, Tensor<D>, Tensor<D>];

function run(
  op: string,
  kind: NormProblem['kind'],
  x: Tensor,
  dy: Tensor,
  { rows, affine }: NormLayout,
  options: BackwardOptions,
): Tensor[] {
  const { epsilon = 1e-5, scale } = options;
  const dtype = checkOperands(op, x, {
    dy: { tensor: dy, expected: x.shape },
    scale: { tensor: scale, expected: affine },
  });
  return execute({
    operation: normBackwardOperation,
    problem: { kind, dtype, ...rows, epsilon: checkEpsilon(op, epsilon), scale: scale !== undefined },
    inputs: scale ? [x, dy, scale] : [x, dy],
    shapes: [x.shape, affine, affine],
    choice: options,
  });
}
