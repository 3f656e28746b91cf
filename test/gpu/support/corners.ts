import type { Config, Space } from '../../../src/kernels/define.ts';

/** Every combination of the smallest and the largest value of each tuning parameter; none where there is no parameter. */
export function corners(space: Space<Config>): Config[] {
  if (Object.keys(space).length === 0) return [];
  return Object.entries(space).reduce<Config[]>(
    (configs, [name, values]) => {
      const ends = [...new Set([values[0]!, values.at(-1)!])];
      return configs.flatMap((config) => ends.map((value) => ({ ...config, [name]: value })));
    },
    [{}],
  );
}

/**
 * The share of the cases that is run at a corner: every fourth, turned by one from corner to corner, so that each case
 * meets a quarter of the corners. Nearly every pair has a shader of its own, and compiling it is what takes the time.
 */
export function casesAtCorner<T>(cases: readonly T[], corner: number): readonly T[] {
  return cases.filter((_, index) => (index + corner) % 4 === 0);
}
