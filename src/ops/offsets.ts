import { ArgumentError } from '../errors.ts';
import { Tensor } from '../tensor.ts';
import { checkNumbers } from './options.ts';

/**
 * Checks where the parts of an axis begin that lie one behind the other, and where the last ends: part p is from `offsets[p]` to
 * `offsets[p + 1]` - 1.
 *
 * @param size of the axis
 * @param axis what it is, in words for the user
 * @param least numbers that there have to be
 * @throws ArgumentError unless they are numbers on the host that ascend from 0 to `size`
 */
export function checkOffsets(
  op: string,
  argument: string,
  offsets: ArrayLike<number>,
  { size, axis, least = 1 }: { readonly size: number; readonly axis: string; readonly least?: number },
): void {
  if (offsets instanceof Tensor) {
    throw new ArgumentError(
      `${op}: ${argument} must be numbers on the host, got a tensor: await its read()`,
      { argument, got: offsets },
    );
  }
  checkNumbers(op, argument, offsets);
  const last = offsets.length - 1;
  const isRight = (value: number, i: number): boolean =>
    Number.isInteger(value) &&
    value >= (offsets[i - 1] ?? 0) &&
    (i > 0 || value === 0) &&
    (i < last || value === size);
  const wrong = Array.from(offsets).findIndex((value, i) => !isRight(value, i));
  if (wrong < 0 && offsets.length >= least) return;
  const got = wrong < 0 ? `${offsets.length} of at least ${least} numbers` : `${offsets[wrong]} at ${wrong}`;
  throw new ArgumentError(`${op}: ${argument} must ascend from 0 to ${size}, ${axis}, got ${got}`, {
    argument,
    got: offsets,
    expected: [0, size],
  });
}
