import type { SortProblem } from '../../reference/sort.ts';
import type { Contract } from '../define.ts';

export const sortContract: Contract<SortProblem> = {
  name: 'sort',
  inputs({ dtype, payload, outer, length, inner }) {
    const shape = [outer, length, inner];
    return payload === undefined
      ? [{ shape, dtype }]
      : [
          { shape, dtype },
          { shape, dtype: payload },
        ];
  },
  outputs({ dtype, payload = dtype, outer, count, inner, results }) {
    const shape = [outer, count, inner];
    const values = { shape, dtype: payload };
    const indices = { shape, dtype: 'u32' } as const;
    return { both: [values, indices], values: [values], indices: [indices] }[results];
  },
  key: (p) =>
    `${p.dtype},${p.payload},${p.outer},${p.length},${p.inner},${p.count},${p.descending},${p.results}`,
  slicing: {
    sizes: ({ outer }) => [outer],
    slice: (problem, _axis, [begin, end]) => ({ ...problem, outer: end - begin }),
  },
};
