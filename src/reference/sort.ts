import type { ArithmeticType } from './arithmetic.ts';

/** What a sort gives: elements in order, where each of them was, or both. */
export type SortResults = 'both' | 'values' | 'indices';

/**
 * Sorts each row of x in [outer, length, inner] along the middle axis, stably, and keeps the first `count` elements of it:
 * `values[o, r, j] = x[o, indices[o, r, j], j]`.
 */
export interface SortProblem {
  readonly dtype: ArithmeticType;
  readonly outer: number;
  /** Elements that are sorted among each other. */
  readonly length: number;
  /** Distance in elements between them. */
  readonly inner: number;
  /** How many of each row are kept, `length` at most. */
  readonly count: number;
  /** From the largest to the smallest. */
  readonly descending: boolean;
  readonly results: SortResults;
  /** Type of a second tensor of x's shape, if there is one: the values are then its elements, put in the order of x. */
  readonly payload?: ArithmeticType | undefined;
}

/**
 * The order of two elements: negative if a comes before b. NaN counts as greater than every number and equal to itself,
 * -0 and +0 as equal.
 */
function compareElements(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return Number(a > b) - Number(a < b);
}

/** The definition of sorting: one array for each result that is asked for, values first. */
export function sortReference(
  problem: SortProblem,
  [x, payload = x]: readonly Float64Array[],
): Float64Array[] {
  const { outer, length, inner, count, descending, results } = problem;
  const values = new Float64Array(outer * count * inner);
  const indices = new Float64Array(outer * count * inner);
  const direction = descending ? -1 : 1;
  const order = new Uint32Array(length);
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < inner; j++) {
      const start = o * length * inner + j;
      const at = (i: number): number => start + i * inner;
      for (let i = 0; i < length; i++) order[i] = i;
      order.sort((a, b) => direction * compareElements(x![at(a)]!, x![at(b)]!) || a - b);
      for (let rank = 0; rank < count; rank++) {
        const to = o * count * inner + rank * inner + j;
        indices[to] = order[rank]!;
        values[to] = payload![at(order[rank]!)]!;
      }
    }
  }
  return { both: [values, indices], values: [values], indices: [indices] }[results];
}
