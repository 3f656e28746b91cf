import { Random } from '../../bench/measure/random.ts';

/** The values that each factor of an experiment can take. */
export type Factors<R> = { readonly [Name in keyof R]: readonly R[Name][] };

/** Rows that are drawn and compared for each row that is taken. */
const CANDIDATES = 150;

/** Draws after which two values count as values that never go together. */
const MAX_DRAWS = 2000;

/** Values of some factors, by their numbers. */
type Combination = readonly (readonly [factor: number, value: number])[];

/**
 * Rows of values, one of each factor, such that every two values of different factors are together in one of them, and every
 * combination of values of the factors `together`, unless no row that `possible` admits has them. Greedy: each row begins with a
 * combination that is missing, and is the best of some that are drawn (Cohen, Dalal, Fredman and Patton, "The AETG System", 1997).
 * The same rows every time.
 */
export function pairwiseCover<R extends object>(
  factors: Factors<R>,
  possible: (row: R) => boolean,
  together: readonly (keyof R)[] = [],
): R[] {
  const names = Object.keys(factors) as (keyof R)[];
  const random = new Random(1);
  const groups = [
    ...names.flatMap((_, one) => names.slice(one + 1).map((_, further) => [one, one + 1 + further])),
    ...(together.length > 2 ? [together.map((name) => names.indexOf(name))] : []),
  ];
  const keyOf = (combination: Combination): string =>
    combination.map(([factor, value]) => `${factor}:${value}`).join(' ');
  const missing = new Map<string, Combination>();
  for (const group of groups) {
    const all = group.reduce<readonly Combination[]>(
      (begun, factor) =>
        begun.flatMap((some) =>
          factors[names[factor]!].map((_, value) => [...some, [factor, value] as const]),
        ),
      [[]],
    );
    for (const combination of all) missing.set(keyOf(combination), combination);
  }
  const covered = (row: R): string[] => {
    const values = names.map((name) => factors[name].indexOf(row[name]));
    return groups
      .map((group) => keyOf(group.map((factor) => [factor, values[factor]!])))
      .filter((key) => missing.has(key));
  };
  const draw = (fixed: Partial<R>): R =>
    Object.fromEntries(
      names.map((name) => [name, fixed[name] ?? factors[name][random.integer(factors[name].length)]]),
    ) as R;
  const rows: R[] = [];
  for (let key: string | undefined; (key = missing.keys().next().value) !== undefined;) {
    const fixed = Object.fromEntries(
      missing.get(key)!.map(([factor, value]) => [names[factor]!, factors[names[factor]!][value]]),
    );
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
