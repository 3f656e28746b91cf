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

/** Runs at the corners of one kernel's space: nearly each has a shader of its own, and compiling it takes the time. */
const RUNS_PER_KERNEL = 48;

/**
 * The cases to run at one of the corners: an even share, turned by one from corner to corner, so that all cases and all
 * corners take part, and the whole stays within a number of runs.
 */
export function casesAtCorner<T>(cases: readonly T[], corner: number, cornerCount: number): readonly T[] {
  const step = Math.ceil((cases.length * cornerCount) / RUNS_PER_KERNEL);
  return cases.filter((_, index) => (index + corner) % step === 0);
}

/** At most so many of all, evenly; `turn` says which, so that those who share a list take different ones. */
export function evenShare<T>(all: readonly T[], most: number, turn: number): readonly T[] {
  const step = Math.ceil(all.length / most);
  return all.filter((_, index) => (index + turn) % step === 0);
}
