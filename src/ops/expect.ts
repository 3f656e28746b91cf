// What a tensor among the arguments must be.
import { DTypeError, ShapeError } from '../errors.ts';
import { formatShape, sameShape, type DType, type Shape, type Tensor } from '../tensor.ts';

/** @throws DTypeError unless the tensor is of one of the types */
export function expectType<const D extends DType>(
  op: string,
  argument: string,
  { dtype }: Tensor,
  expected: readonly D[],
  why = '',
): D {
  if ((expected as readonly DType[]).includes(dtype)) return dtype as D;
  throw new DTypeError(`${op}: ${argument} must be ${expected.join(' or ')}${why}, got ${dtype}`, {
    argument,
    got: dtype,
    expected,
  });
}

/** @throws ShapeError unless the tensor has one of the shapes */
export function expectShape(
  op: string,
  argument: string,
  { shape }: { readonly shape: Shape },
  expected: readonly Shape[],
  why = '',
): void {
  if (expected.some((each) => sameShape(each, shape))) return;
  throw new ShapeError(
    `${op}: ${argument} must have shape ${expected.map(formatShape).join(' or ')}${why}, got ${formatShape(shape)}`,
    { argument, got: shape, expected: expected.length === 1 ? expected[0] : expected },
  );
}
