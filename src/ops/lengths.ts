import { ArgumentError, DTypeError, ShapeError } from '../errors.ts';
import { checkNumbers } from './options.ts';
import { formatShape, Tensor, type TensorDevice } from '../tensor.ts';

/** Numbers on the host, checked when they are given, or a tensor, whose values count as the nearest that is in bounds. */
export type Lengths = ArrayLike<number> | Tensor<'u32'>;

/** Numbers as an operand. */
export interface LengthsInput {
  readonly tensor: Tensor;
  /** Gives back what was made for the operation; recorded work still sees it. */
  readonly release: () => void;
}

/**
 * @throws ArgumentError unless numbers on the host are `count` integers from 0 to `largest`.
 * @throws DTypeError, ShapeError unless a tensor is u32 of `shape`, by default [count].
 */
export function lengthsInput(
  op: string,
  argument: string,
  given: Lengths,
  {
    count,
    largest,
    device,
    shape = [count],
  }: {
    readonly count: number;
    readonly largest: number;
    readonly device: TensorDevice;
    readonly shape?: readonly number[];
  },
): LengthsInput {
  if (given instanceof Tensor) {
    if (given.dtype !== 'u32') {
      throw new DTypeError(`${op}: ${argument} must be u32, got ${String(given.dtype)}`, {
        argument,
        got: given.dtype,
      });
    }
    if (formatShape(given.shape) !== formatShape(shape)) {
      throw new ShapeError(
        `${op}: ${argument} must have shape ${formatShape(shape)}, got ${formatShape(given.shape)}`,
        { argument, got: given.shape, expected: shape },
      );
    }
    return { tensor: given, release: () => undefined };
  }
  checkNumbers(op, argument, given);
  const numbers = Array.from(given);
  const fits = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= largest;
  if (numbers.length !== count || !numbers.every(fits)) {
    throw new ArgumentError(
      `${op}: ${argument} must be ${count} integers from 0 to ${largest}, got ${JSON.stringify(numbers)}`,
      { argument, got: numbers },
    );
  }
  const tensor = device.tensor(numbers, shape, 'u32');
  return { tensor, release: () => tensor.dispose() };
}
