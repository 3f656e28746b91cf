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
      `${op}: ${argument} must be numbers on the host, since they are checked before anything runs; got a tensor: await its read()`,
      { argument, got: offsets },
    );
  }
  checkNumbers(op, argument, offsets);
  const fail = (what: string, got: unknown): never => {
    throw new ArgumentError(`${op}: ${argument} must ascend from 0 to ${size}, ${axis}; ${what}`, {
      argument,
      got,
      expected: [0, size],
    });
  };
  if (offsets.length < least) fail(`${offsets.length} are too few, ${least} are needed at least`, offsets);
  const last = offsets.length - 1;
  if (offsets[0] !== 0) fail(`the first is ${offsets[0]}`, offsets[0]);
  for (let i = 1; i <= last; i++) {
    if (!Number.isInteger(offsets[i])) fail(`number ${i} is ${offsets[i]}`, offsets[i]);
    if (offsets[i]! < offsets[i - 1]!)
      fail(`number ${i}, ${offsets[i]}, is less than the one before, ${offsets[i - 1]}`, offsets[i]);
  }
  if (offsets[last] !== size) fail(`the last is ${offsets[last]}`, offsets[last]);
}
