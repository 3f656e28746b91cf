import { normOperation } from '../kernels/norm/index.ts';
import type { NormProblem } from '../reference/norm.ts';
import type { Tensor } from '../tensor.ts';
import { execute } from './execute.ts';
import { checkEpsilon, checkOperands, layoutOfAxes, layoutOfGroups, type NormLayout } from './normLayout.ts';
import { checkOptions } from './options.ts';
import type { KernelChoice } from './select.ts';

type Floating = 'f32' | 'f16';

interface NormOptions extends KernelChoice {
  /** Added to the variance or mean square. Default: 1e-5. */
  readonly epsilon?: number | undefined;
  /** Multiplied with what is normalised: as many numbers as elements are normalised together, or one for each channel. */
  readonly scale?: Tensor | undefined;
  /** A tensor like x, which is added to x before everything else. */
  readonly residual?: Tensor | undefined;
}

export interface RmsNormOptions extends NormOptions {
  /** The axes that are normalised together, in any order; negative ones count from the end. Default: -1. */
  readonly axes?: number | readonly number[] | undefined;
}

export interface LayerNormOptions extends RmsNormOptions {
  /** Added to the result; of the same shape as `scale`. */
  readonly bias?: Tensor | undefined;
}

export interface GroupNormOptions extends NormOptions {
  /** Into how many groups the channels are divided; as many as there are channels make instance normalisation. */
  readonly groups: number;
  /** Added to the result, for each channel. */
  readonly bias?: Tensor | undefined;
}

/** A norm, and the sum that it was taken of. */
export interface AddedNorm<D extends Floating> {
  readonly y: Tensor<D>;
  /** x + residual. */
  readonly sum: Tensor<D>;
}

/**
 * `(x - mean) / sqrt(variance + epsilon) * scale + bias`, mean and variance over some axes, computed in f32. The variance is that
 * of the population, from a second pass over the elements. scale and bias have the sizes of the normalised axes, in x's order.
 *
 * @throws ShapeError for an axis that x does not have, or one given twice, and for operands of another shape.
 * @throws DTypeError when the operands are not all f32 or all f16; ArgumentError for a negative epsilon.
 */
export function layerNorm<D extends Floating>(x: Tensor<D>, options: LayerNormOptions = {}): Tensor<D> {
  return runAxes('layerNorm', 'layer', x, options)[0] as Tensor<D>;
}

/**
 * `layerNorm` of x + residual, and that sum, which is what the next residual connection of a transformer adds to.
 *
 * @throws as `layerNorm` does.
 */
export function addLayerNorm<D extends Floating>(
  x: Tensor<D>,
  residual: Tensor<NoInfer<D>>,
  options: Omit<LayerNormOptions, 'residual'> = {},
): AddedNorm<D> {
  return added(runAxes('addLayerNorm', 'layer', x, { ...options, residual }, true));
}

/**
 * `x / sqrt(mean(x^2) + epsilon) * scale`, the mean over some axes, computed in f32. scale has the sizes of the normalised axes, in
 * x's order.
 *
 * @throws as `layerNorm` does.
 */
export function rmsNorm<D extends Floating>(x: Tensor<D>, options: RmsNormOptions = {}): Tensor<D> {
  return runAxes('rmsNorm', 'rms', x, options)[0] as Tensor<D>;
}

/**
 * `rmsNorm` of x + residual, and that sum.
 *
 * @throws as `layerNorm` does.
 */
export function addRmsNorm<D extends Floating>(
  x: Tensor<D>,
  residual: Tensor<NoInfer<D>>,
  options: Omit<RmsNormOptions, 'residual'> = {},
): AddedNorm<D> {
  return added(runAxes('addRmsNorm', 'rms', x, { ...options, residual }, true));
}

/**
 * Normalises groups of neighbouring channels of x [batch, channels, ...], each with all of its positions, as `layerNorm` does.
 * scale and bias have one number for each channel.
 *
 * @throws ShapeError when x has less than two axes, the groups do not divide the channels, or operands have another shape.
 * @throws DTypeError when the operands are not all f32 or all f16; ArgumentError for a negative epsilon.
 */
export function groupNorm<D extends Floating>(x: Tensor<D>, options: GroupNormOptions): Tensor<D> {
  checkOptions('groupNorm', options, [...OPTIONS, 'groups', 'bias'], { x });
  const layout = layoutOfGroups('groupNorm', x, options.groups);
  return run('groupNorm', 'layer', x, layout, options)[0] as Tensor<D>;
}

const OPTIONS = ['epsilon', 'scale', 'residual'] as const;

function runAxes(
  op: string,
  kind: NormProblem['kind'],
  x: Tensor,
  options: LayerNormOptions,
  sum = false,
): Tensor[] {
  checkOptions(op, options, kind === 'layer' ? [...OPTIONS, 'axes', 'bias'] : [...OPTIONS, 'axes'], { x });
  return run(op, kind, x, layoutOfAxes(op, x, options.axes), options, sum);
}

function run(
  op: string,
  kind: NormProblem['kind'],
  x: Tensor,
  { rows, affine }: NormLayout,
  options: LayerNormOptions | GroupNormOptions,
  sum = false,
): Tensor[] {
  const { epsilon = 1e-5, scale, residual } = options;
  const { shape } = x;
  const bias = kind === 'layer' ? options.bias : undefined;
  const dtype = checkOperands(op, x, {
    scale: { tensor: scale, expected: affine },
    bias: { tensor: bias, expected: affine },
    residual: { tensor: residual, expected: shape },
  });
  return execute({
    operation: normOperation,
    problem: {
      kind,
      dtype,
      ...rows,
      epsilon: checkEpsilon(op, epsilon),
      scale: scale !== undefined,
      bias: bias !== undefined,
      residual: residual !== undefined,
      sum,
    },
    inputs: [x, scale, bias, residual].filter((operand) => operand !== undefined),
    shapes: [shape, shape],
    choice: options,
  });
}

function added<D extends Floating>([y, sum]: readonly Tensor[]): AddedNorm<D> {
  return { y: y as Tensor<D>, sum: sum as Tensor<D> };
}
