import { ArgumentError } from '../errors.ts';

/** Options that every operation takes. */
const COMMON = ['kernel', 'config'];

/** @throws ArgumentError for an option that the operation does not have: a misspelt name must not be ignored. */
export function checkOptions(op: string, options: object, names: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!names.includes(name) && !COMMON.includes(name)) {
      throw new ArgumentError(
        `${op} has no option ${JSON.stringify(name)}; it has ${[...names, ...COMMON].join(', ')}`,
        {
          got: name,
          expected: [...names, ...COMMON],
        },
      );
    }
  }
}

/** @throws ArgumentError unless an option that is on or off is either; left out, it is off. */
export function checkFlag(op: string, name: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw new ArgumentError(`${op}: ${name} must be true or false, got ${JSON.stringify(value)}`, {
    got: value,
    expected: [true, false],
  });
}
