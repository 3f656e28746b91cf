import { compactReference, type CompactProblem } from '../../reference/compact.ts';
import type { Oracle } from '../define.ts';

export const compactOracle: Oracle<CompactProblem> = {
  reference: compactReference,
  /** Elements are moved, not changed: exact. */
  errorBound: (_problem, _inputs, expected) => expected.map(({ length }) => new Float64Array(length)),
};
