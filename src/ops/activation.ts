import { ArgumentError } from '../errors.ts';
import { activation as activations } from '../kernels/lib.ts';
import type { Limits } from '../reference/activation.ts';
import { expectOneOf } from '../expect.ts';

/**
 * Bounds for the activation, which all but `clip` ignore.
 *
 * @throws ArgumentError for an unknown activation, or bounds that are missing, in the wrong order, or for another activation
 */
export function checkActivation(op: string, activation: unknown, limits: Limits | undefined): Limits {
  expectOneOf(op, 'activation', activation, Object.keys(activations));
  if (activation !== 'clip') {
    if (limits === undefined) return [0, 0];
    throw new ArgumentError(`${op}: limits are for the activation clip`, { activation, limits });
  }
  const numbers = Array.isArray(limits) && limits.every((limit) => typeof limit === 'number');
  if (numbers && limits.length === 2 && limits[0] <= limits[1]) return [limits[0], limits[1]];
  throw new ArgumentError(`${op}: the activation clip needs limits, [min, max] with min <= max`, {
    got: limits,
  });
}
