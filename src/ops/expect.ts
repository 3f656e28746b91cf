// What an argument must be. A refusal names the argument, and says what was expected and what was got, in one sentence.
import { ArgumentError, DTypeError, ShapeError, told } from '../errors.ts';
import { formatShape, type DType, type Shape, type Tensor } from '../tensor.ts';

/**
 * @param wanted what follows "must be"
 * @throws ArgumentError
 */
export function refuse(op: string, argument: string, wanted: string, got: unknown): never {
  throw new ArgumentError(`${op}: ${argument} must be ${wanted}, got ${told(got)}`, {
    argument,
    got,
    expected: wanted,
  });
}

/** @throws ArgumentError, or another error, for what is not among `expected` */
export function expectOneOf<const T>(
  op: string,
  argument: string,
  got: unknown,
  expected: readonly T[],
  Refusal: typeof ArgumentError | typeof DTypeError = ArgumentError,
): T {
  if (expected.includes(got as T)) return got as T;
  const list = expected.map(told).join(expected.length > 2 ? ', ' : ' or ');
  throw new Refusal(`${op}: ${argument} must be ${list}, got ${told(got)}`, {
    argument,
    got,
    expected,
  });
}

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
  const shapes = expected.map(formatShape);
  if (shapes.includes(formatShape(shape))) return;
  throw new ShapeError(
    `${op}: ${argument} must have shape ${shapes.join(' or ')}${why}, got ${formatShape(shape)}`,
    { argument, got: shape, expected: expected.length === 1 ? expected[0] : expected },
  );
}
