import { scanRows, type ScanProblem } from '../../reference/scan.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { windowOf, type Binding } from '../../runtime/plan.ts';
import { ceilDiv } from '../define.ts';
import { slicing } from '../sliced.ts';

/** A stretch of all rows that can be bound: a problem of its own, but for what comes before it. */
export interface RowSlice {
  readonly problem: ScanProblem;
  /** The stretch of x, or of y. */
  readonly of: (elements: Binding) => Binding;
  /** The first of its elements among a row's. */
  readonly first: number;
}

/** Rows that need no slices. */
export const wholeRows = (problem: ScanProblem): readonly RowSlice[] => [
  { problem, of: (elements) => elements, first: 0 },
];

/** Elements that a row of any slice has at most. */
export const longestOf = (slices: readonly RowSlice[]): number =>
  Math.max(...slices.map(({ problem }) => problem.length));

/** Rows as a whole where they can be bound, else slices of them in the order of the scan; or why they cannot be cut. */
export const rowSlices = (problem: ScanProblem, caps: Capabilities): readonly RowSlice[] | string =>
  slicing.code?.rowSlices(problem, wholeRows(problem), caps) ?? wholeRows(problem);

/** The states of one slice's parts, among those of all slices. */
export function statesOfSlice(states: Binding, slice: number, sliceBytes: number, slices: number): Binding {
  return slices === 1 ? states : windowOf(states, slice * sliceBytes, sliceBytes);
}

/**
 * At least `parts` for every slice, so many that the states of each slice begin where they can be bound: the last of
 * them may have no elements.
 */
export function partsOfSlice(
  problem: ScanProblem,
  parts: number,
  slices: number,
  stateBytes: number,
  { limits }: Capabilities,
): number {
  if (slices === 1) return parts;
  const step = slicing.code!.alignedStep(
    [scanRows(problem) * stateBytes],
    limits.minStorageBufferOffsetAlignment,
  );
  return ceilDiv(parts, step) * step;
}
