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
