// What an argument must be. A refusal names the argument, and says what was expected and what was got, in one sentence; its details
// have the same for programs.
import { ArgumentError, told, type DTypeError } from './errors.ts';

/**
 * @param wanted what follows "must be"
 * @param expected for programs: the values allowed, or the least and the greatest; without either, what `wanted` says
 * @throws ArgumentError
 */
export function refuse(
  op: string,
  argument: string,
  wanted: string,
  got: unknown,
  expected: string | readonly unknown[] = wanted,
): never {
  throw new ArgumentError(`${op}: ${argument} must be ${wanted}, got ${told(got)}`, {
    argument,
    got,
    expected,
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

/** @throws ArgumentError for what is no object, for an option that there is not (a misspelt name must not be ignored), and for null */
export function expectOptions(op: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    refuse(op, 'options', 'an object', options);
  for (const [name, value] of Object.entries(options)) {
    if (!names.includes(name)) {
      throw new ArgumentError(`${op} has no option ${JSON.stringify(name)}; it has ${names.join(', ')}`, {
        got: name,
        expected: names,
      });
    }
    if (value === null) refuse(op, name, 'left out where there is none', value);
  }
}

/** @throws ArgumentError unless options say how to wait, and nothing but that and what else there is by name */
export function expectWait(op: string, options: unknown, others: readonly string[] = []): void {
  expectOptions(op, options, ['signal', ...others]);
  const { signal } = options as { readonly signal?: Partial<AbortSignal> };
  if (signal === undefined || (typeof signal.aborted === 'boolean' && signal.addEventListener)) return;
  refuse(op, 'signal', 'an AbortSignal', signal);
}
