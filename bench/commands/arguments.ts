import { InvalidArgumentError } from '@commander-js/extra-typings';
import { instances, nearest } from '../catalog/index.ts';

/** Parses a whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
  };
}

/** Parses a number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0.');
}

/** Parses a number of at least 0. */
export function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('Expected a number of at least 0.');
}

/** Collects values given as several arguments, several options, or with commas, and refuses unknown ones. */
export function oneOf(
  known: readonly string[],
): (text: string, previous?: readonly string[]) => readonly string[] {
  return (text, previous = []) => {
    const given = text.split(',').map((name) => name.trim());
    for (const name of given) {
      if (!known.includes(name)) {
        throw new InvalidArgumentError(
          `Did you mean ${nearest(name, known, 3).join(', ')}? Known are ${known.join(', ')}.`,
        );
      }
    }
    return [...previous, ...given];
  };
}

/** Collects values of an option that may be given several times. */
export function collect(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, text];
}

/** The providers of the catalogue. */
export const PROVIDERS: readonly string[] = [...new Set(instances.map(({ provider }) => provider))];
