import type { Checker } from './check.ts';
import { gatherAlong, positionsAlong } from './rows.ts';

/** Rows along the middle axis of [outer, length, inner], which need nothing of each other. */
interface RowsProblem {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

/**
 * Checks some rows, two at least where there are two, gathered so that their elements lie next to each other.
 *
 * @param steps of the reference and its error bound
 * @param resultLength elements that a row has in the result; as many as in x unless given
 */
export function rowsChecker<P extends RowsProblem>(
  steps: (problem: P) => number,
  resultLength: (problem: P) => number = ({ length }) => length,
): Checker<P> {
  return {
    referenceSteps: steps,
    sample(problem, [x], random, maxSteps) {
      const rows = problem.outer * problem.inner;
      const count = Math.max(2, Math.floor(maxSteps / steps({ ...problem, outer: 1, inner: 1 })));
      const chosen = random.choose(Math.min(count, rows), rows);
      return {
        parts: [
          {
            problem: { ...problem, outer: chosen.length, inner: 1 },
            inputs: [gatherAlong(x!, problem, chosen)],
            positions: positionsAlong({ length: resultLength(problem), inner: problem.inner }, chosen),
          },
        ],
        description: `${chosen.length} of ${rows} rows`,
      };
    },
  };
}
