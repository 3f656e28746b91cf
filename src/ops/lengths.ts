import { checkNumbers } from './options.ts';
import { Tensor, type TensorDevice } from '../tensor.ts';
import { refuse } from '../expect.ts';
import { expectShape, expectType } from './expect.ts';

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
    expectType(op, argument, given, ['u32']);
    expectShape(op, argument, given, [shape]);
    return { tensor: given, release: () => undefined };
  }
  checkNumbers(op, argument, given);
  const numbers = Array.from(given);
  const fits = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= largest;
  if (numbers.length !== count) refuse(op, argument, `${count} integers from 0 to ${largest}`, numbers);
  const wrong = numbers.findIndex((value) => !fits(value));
  if (wrong !== -1)
    refuse(op, `${argument}[${wrong}]`, `an integer from 0 to ${largest}`, numbers[wrong], [0, largest]);
  const tensor = device.tensor(numbers, shape, 'u32');
  return { tensor, release: () => tensor.dispose() };
}
