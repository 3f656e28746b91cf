import type { ScanProblem } from '../../reference/scan.ts';
import { input, output, type Binding, type Pass, type Plan } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { slicing } from '../sliced.ts';
import type { RowSlice } from './slicing.ts';
import { carry, scanTotal } from './snippets.ts';

/** What a pass has in which rows, or what a slice has of segments, are one task each. */
export interface WholeTasks {
  /** Of all rows or of a slice. */
  readonly problem: ScanProblem;
  /** What tasks start from and leave. */
  readonly parts: readonly ShaderPart[];
  readonly place?: { readonly first: number; readonly slice: number };
  readonly bindings: readonly Binding[];
}

/** The plan of a scan whose rows are not cut into parts. Segments may go slice by slice. */
export function wholeTasksPlan(
  problem: ScanProblem,
  slices: readonly RowSlice[],
  stateBytes: number,
  pass: (tasks: WholeTasks) => Pass,
): Plan {
  if (slices.length > 1) {
    return slicing.code!.bordersPlan(slices, stateBytes, [carry.border, scanTotal.border], pass);
  }
  const offsets = problem.segments === undefined ? [] : [input(1)];
  const bindings = [input(0), output(0), ...offsets];
  return { scratchBytes: [], passes: [pass({ problem, parts: [carry.none, scanTotal.none], bindings })] };
}
