import { Random } from '../../bench/measure/random.ts';

/** The values that each factor of an experiment can take. */
export type Factors<R> = { readonly [Name in keyof R]: readonly R[Name][] };

/** Rows that are drawn and compared for each row that is taken. */
const CANDIDATES = 150;

/** Draws after which two values count as values that never go together. */
const MAX_DRAWS = 2000;

/**
 * Rows of values, one of each factor, such that every two values of different factors are together in one of them, unless no
 * row that `possible` admits has both. Greedy: each row begins with a pair that is missing, and is the best of some that are
 * drawn (Cohen, Dalal, Fredman and Patton, "The AETG System", 1997). The same rows every time.
 */
export function pairwiseCover<R extends object>(factors: Factors<R>, possible: (row: R) => boolean): R[] {
  const names = Object.keys(factors) as (keyof R)[];
  const random = new Random(1);
  const indexOf = (row: R, factor: number): number => factors[names[factor]!].indexOf(row[names[factor]!]);
  const pairKey = (one: number, a: number, other: number, b: number): string => `${one}:${a} ${other}:${b}`;
  const missing = new Map<string, readonly [one: number, a: number, other: number, b: number]>();
  for (let one = 0; one < names.length; one++) {
    for (let other = one + 1; other < names.length; other++) {
      for (let a = 0; a < factors[names[one]!].length; a++) {
        for (let b = 0; b < factors[names[other]!].length; b++)
          missing.set(pairKey(one, a, other, b), [one, a, other, b]);
      }
    }
  }
  const covered = (row: R): string[] => {
    const keys: string[] = [];
    for (let one = 0; one < names.length; one++) {
      for (let other = one + 1; other < names.length; other++)
        keys.push(pairKey(one, indexOf(row, one), other, indexOf(row, other)));
    }
    return keys.filter((key) => missing.has(key));
  };
  const draw = (fixed: Partial<R>): R =>
    Object.fromEntries(
      names.map((name) => [name, fixed[name] ?? factors[name][random.integer(factors[name].length)]]),
    ) as R;
  const rows: R[] = [];
  for (let key: string | undefined; (key = missing.keys().next().value) !== undefined;) {
    const [one, a, other, b] = missing.get(key)!;
    const fixed = { [names[one]!]: factors[names[one]!][a], [names[other]!]: factors[names[other]!][b] };
    let best: { readonly row: R; readonly keys: readonly string[] } | undefined;
    for (let draws = 0, found = 0; draws < MAX_DRAWS && found < CANDIDATES; draws++) {
      const row = draw(fixed as Partial<R>);
      if (!possible(row)) continue;
      found++;
      const keys = covered(row);
      if (!best || keys.length > best.keys.length) best = { row, keys };
    }
    missing.delete(key);
    if (!best) continue;
    rows.push(best.row);
    for (const done of best.keys) missing.delete(done);
  }
  return rows;
}
