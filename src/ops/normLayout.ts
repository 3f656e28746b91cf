import { DTypeError, ShapeError, UnsupportedError } from '../errors.ts';
import { splitAxes, type Grids } from '../reference/grids.ts';
import type { NormProblem } from '../reference/norm.ts';
import { elementCount, formatShape, type Shape, type Tensor } from '../tensor.ts';
import { normalizeAxes } from './axes.ts';
import { checkTensor } from './options.ts';
import { refuse } from '../expect.ts';
import { expectShape } from './expect.ts';

/** Which elements are normalised together, and the shape of scale and bias. */
export interface NormLayout {
  readonly rows: Grids & Pick<NormProblem, 'groups' | 'channels' | 'spatial'>;
  readonly affine: Shape;
}

/** @throws ShapeError for an axis that x does not have, or one given twice; UnsupportedError for too many that alternate. */
export function layoutOfAxes(
  op: string,
  { shape }: Tensor,
  axes: number | readonly number[] = -1,
): NormLayout {
  const reduced = normalizeAxes(op, shape, axes);
  const affine = shape.filter((_, axis) => reduced.has(axis));
  const grids = splitAxes(shape, reduced);
  if (!grids) {
    throw new UnsupportedError(
      `${op}: the normalised axes of x ${formatShape(shape)} alternate with the others more than four times`,
      { x: shape },
    );
  }
  return { rows: { ...grids, groups: 1, channels: elementCount(affine), spatial: 1 }, affine };
}

/** @throws ShapeError when x has less than two axes, or the groups do not divide the channels. */
export function layoutOfGroups(op: string, { shape }: Tensor, groups: number): NormLayout {
  const [batch, channels] = shape;
  if (batch === undefined || channels === undefined) {
    throw new ShapeError(`${op} takes x [batch, channels, ...], got ${formatShape(shape)}`, { x: shape });
  }
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new ShapeError(
      `${op}: ${String(groups)} groups do not divide the ${channels} channels of x ${formatShape(shape)}`,
      { got: groups, x: shape },
    );
  }
  const spatial = elementCount(shape.slice(2));
  const grids = splitAxes([batch * groups, (channels / groups) * spatial], new Set([1]))!;
  return { rows: { ...grids, groups, channels: channels / groups, spatial }, affine: [channels] };
}

/** @throws ArgumentError unless it is a number, 0 or more. */
export function checkEpsilon(op: string, epsilon: unknown): number {
  if (typeof epsilon === 'number' && epsilon >= 0 && epsilon < Infinity) return epsilon;
  return refuse(op, 'epsilon', 'a number, 0 or more', epsilon);
}

/**
 * The data type of x and of all operands that are given.
 *
 * @throws ArgumentError for anything but tensors; DTypeError unless all are f32 or all are f16; ShapeError for an operand of another
 *   shape than is expected of it.
 */
export function checkOperands(
  op: string,
  { dtype }: Tensor,
  operands: Readonly<Record<string, { readonly tensor: Tensor | undefined; readonly expected: Shape }>>,
): 'f32' | 'f16' {
  for (const [name, { tensor }] of Object.entries(operands)) {
    if (tensor !== undefined) checkTensor(op, name, tensor);
  }
  const given = Object.values(operands).flatMap(({ tensor }) => tensor ?? []);
  if ((dtype !== 'f32' && dtype !== 'f16') || given.some((operand) => operand.dtype !== dtype)) {
    const got = [dtype, ...given.map((operand) => operand.dtype)];
    throw new DTypeError(`${op} takes operands that are all f32 or all f16, got ${got.join(' and ')}`, {
      got,
    });
  }
  for (const [name, { tensor, expected }] of Object.entries(operands)) {
    if (tensor) expectShape(op, name, tensor, [expected]);
  }
  return dtype;
}
