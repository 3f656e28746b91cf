import { sortReference, type SortProblem } from '../../reference/sort.ts';
import type { Oracle } from '../define.ts';

export const sortOracle: Oracle<SortProblem> = {
  reference: sortReference,
  /** Elements are moved, not changed, and the order of equals is defined: exact. */
  errorBound: (_problem, _inputs, expected) => expected.map(({ length }) => new Float64Array(length)),
};
