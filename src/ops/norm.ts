import { ArgumentError, DTypeError, ShapeError, UnsupportedError } from '../errors.ts';
import { normOperation } from '../kernels/norm/index.ts';
import { splitAxes } from '../reference/grids.ts';
import type { NormProblem } from '../reference/norm.ts';
import { elementCount, formatShape, type Shape, type Tensor } from '../tensor.ts';
import { normalizeAxes } from './axes.ts';
import { execute } from './execute.ts';
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
  return run('layerNorm', x, layer('layerNorm', x, options), options, false)[0] as Tensor<D>;
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
  const all = { ...options, residual };
  return added(run('addLayerNorm', x, layer('addLayerNorm', x, all), all, true));
}

/**
 * `x / sqrt(mean(x^2) + epsilon) * scale`, the mean over some axes, computed in f32. scale has the sizes of the normalised axes, in
 * x's order.
 *
 * @throws as `layerNorm` does.
 */
export function rmsNorm<D extends Floating>(x: Tensor<D>, options: RmsNormOptions = {}): Tensor<D> {
  return run('rmsNorm', x, rms('rmsNorm', x, options), options, false)[0] as Tensor<D>;
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
  const all = { ...options, residual };
  return added(run('addRmsNorm', x, rms('addRmsNorm', x, all), all, true));
}

/**
 * Normalises groups of neighbouring channels of x [batch, channels, ...], each with all of its positions, as `layerNorm` does.
 * scale and bias have one number for each channel.
 *
 * @throws ShapeError when x has less than two axes, the groups do not divide the channels, or operands have another shape.
 * @throws DTypeError when the operands are not all f32 or all f16; ArgumentError for a negative epsilon.
 */
export function groupNorm<D extends Floating>(x: Tensor<D>, options: GroupNormOptions): Tensor<D> {
  return run('groupNorm', x, group(x, options), options, false)[0] as Tensor<D>;
}

const OPTIONS = ['epsilon', 'scale', 'residual'] as const;

/** What a norm does, before its operands are looked at. */
type Layout = Pick<NormProblem, 'kind' | 'groups' | 'channels' | 'spatial'> & {
  readonly grids: ReturnType<typeof splitAxes>;
  /** The shape of scale and bias. */
  readonly affine: Shape;
};

function layer(op: string, x: Tensor, options: LayerNormOptions): Layout {
  checkOptions(op, options, [...OPTIONS, 'axes', 'bias']);
  return { kind: 'layer', ...layoutOfAxes(op, x, options.axes) };
}

function rms(op: string, x: Tensor, options: RmsNormOptions): Layout {
  checkOptions(op, options, [...OPTIONS, 'axes']);
  return { kind: 'rms', ...layoutOfAxes(op, x, options.axes) };
}

function layoutOfAxes(
  op: string,
  { shape }: Tensor,
  axes: RmsNormOptions['axes'] = -1,
): Omit<Layout, 'kind'> {
  const reduced = normalizeAxes(op, shape, axes);
  const affine = shape.filter((_, axis) => reduced.has(axis));
  const grids = splitAxes(shape, reduced);
  return { grids, affine, groups: 1, channels: elementCount(affine), spatial: 1 };
}

function group({ shape }: Tensor, options: GroupNormOptions): Layout {
  checkOptions('groupNorm', options, [...OPTIONS, 'groups', 'bias']);
  const { groups } = options;
  if (shape.length < 2) {
    throw new ShapeError(`groupNorm takes x [batch, channels, ...], got ${formatShape(shape)}`, { x: shape });
  }
  const [batch, channels] = shape as readonly number[] as readonly [number, number];
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new ShapeError(
      `groupNorm: ${String(groups)} groups do not divide the ${channels} channels of x ${formatShape(shape)}`,
      { got: groups, x: shape },
    );
  }
  const spatial = elementCount(shape.slice(2));
  const rows = [batch * groups, (channels / groups) * spatial];
  return {
    kind: 'layer',
    grids: splitAxes(rows, new Set([1])),
    affine: [channels],
    ...{ groups, channels: channels / groups, spatial },
  };
}

function run(
  op: string,
  x: Tensor,
  { grids, affine, ...layout }: Layout,
  options: LayerNormOptions | GroupNormOptions,
  sum: boolean,
): Tensor[] {
  const { epsilon = 1e-5, scale, bias, residual } = options;
  const { shape, dtype } = x;
  const operands = { scale, bias, residual };
  checkOperands(op, x, operands, affine);
  if (typeof epsilon !== 'number' || !(epsilon >= 0 && epsilon < Infinity)) {
    throw new ArgumentError(`${op}: epsilon must be a number, 0 or more, got ${String(epsilon)}`, {
      got: epsilon,
    });
  }
  if (!grids) {
    throw new UnsupportedError(
      `${op}: the normalised axes of x ${formatShape(shape)} alternate with the others more than four times`,
      { x: shape },
    );
  }
  return execute({
    operation: normOperation,
    problem: {
      ...layout,
      ...grids,
      dtype: dtype as Floating,
      epsilon,
      scale: scale !== undefined,
      bias: bias !== undefined,
      residual: residual !== undefined,
      sum,
    },
    inputs: [x, ...Object.values(operands).filter((operand) => operand !== undefined)],
    shapes: [shape, shape],
    choice: options,
  });
}

function checkOperands(
  op: string,
  { shape, dtype }: Tensor,
  operands: Readonly<Record<'scale' | 'bias' | 'residual', Tensor | undefined>>,
  affine: Shape,
): void {
  const given = Object.values(operands).filter((operand) => operand !== undefined);
  if ((dtype !== 'f32' && dtype !== 'f16') || given.some((operand) => operand.dtype !== dtype)) {
    const got = [dtype, ...given.map((operand) => operand.dtype)];
    throw new DTypeError(`${op} takes operands that are all f32 or all f16, got ${got.join(' and ')}`, {
      got,
    });
  }
  for (const [name, operand] of Object.entries(operands)) {
    const expected = name === 'residual' ? shape : affine;
    if (operand && formatShape(operand.shape) !== formatShape(expected)) {
      throw new ShapeError(
        `${op}: ${name} must have shape ${formatShape(expected)}, got ${formatShape(operand.shape)}`,
        { got: operand.shape, expected },
      );
    }
  }
}

function added<D extends Floating>([y, sum]: readonly Tensor[]): AddedNorm<D> {
  return { y: y as Tensor<D>, sum: sum as Tensor<D> };
}
