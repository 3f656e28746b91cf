import { ArgumentError } from '../errors.ts';
import { understood } from '../reference/operator.ts';
import type { ReductionOperator, UnderstoodOperator } from '../reference/reduction.ts';
import type { DType } from '../tensor.ts';
import { refuse } from '../expect.ts';

const NAMES = ['combine', 'identity', 'map'] as const satisfies readonly (keyof ReductionOperator)[];

/**
 * @throws ArgumentError unless it is an object of expressions of the type, without unknown names: a misspelt one must not be
 *   ignored.
 */
export function checkCallerOperator(op: string, operator: unknown, dtype: DType): UnderstoodOperator {
  const expected = NAMES.join(', ');
  if (typeof operator !== 'object' || operator === null) {
    refuse(op, 'op', `an operator { ${expected} }`, operator);
  }
  for (const name of Object.keys(operator)) {
    if (!NAMES.some((known) => known === name)) {
      throw new ArgumentError(`${op}: an operator has no ${JSON.stringify(name)}; it has ${expected}`, {
        got: name,
        expected: NAMES,
      });
    }
  }
  // Read once: what is checked is what is used, whatever a getter says the next time.
  const { combine, identity, map } = operator as ReductionOperator;
  return understood(op, { combine, identity, ...(map !== undefined && { map }) }, dtype);
}
