import type { ScanProblem } from '../../reference/scan.ts';
import { at, input, output, scratch, type Binding, type Pass, type Plan } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import type { RowSlice } from './slicing.ts';
import { carry, scanTotal } from './snippets.ts';

/** What a pass has in which rows, or what a slice has of segments, are one task each. */
export interface WholeTasks {
  /** Of all rows or of a slice. */
  readonly problem: ScanProblem;
  /** What tasks start from and leave. */
  readonly parts: readonly ShaderPart[];
  readonly place: { readonly first: number; readonly slice: number };
  readonly bindings: readonly Binding[];
}

/** All parts that such a pass may have, for kernels' `parts`. */
export const wholeTaskParts: readonly ShaderPart[] = [
  carry.none,
  carry.border,
  scanTotal.none,
  scanTotal.border,
];

/**
 * The plan of a scan whose rows are not cut into parts. Segments may go slice by slice: each slice leaves the state of the segment
 * that goes on in the next, one for each border between two.
 */
export function wholeTasksPlan(
  problem: ScanProblem,
  slices: readonly RowSlice[],
  stateBytes: number,
  pass: (tasks: WholeTasks) => Pass,
): Plan {
  const offsets = problem.segments === undefined ? [] : [input(1)];
  const borders = slices.length - 1;
  const parts = borders > 0 ? [carry.border, scanTotal.border] : [carry.none, scanTotal.none];
  const states = borders > 0 ? [at(4, scratch(0))] : [];
  return {
    scratchBytes: borders > 0 ? [borders * problem.inner * stateBytes] : [],
    passes: slices.map(({ problem: stretch, of, first }, slice) =>
      pass({
        problem: stretch,
        parts,
        place: { first, slice },
        bindings: [of(input(0)), of(output(0)), ...offsets, ...states],
      }),
    ),
  };
}
