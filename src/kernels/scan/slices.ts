// What goes slice by slice, loaded where tensors are larger than a binding.
import type { ScanProblem } from '../../reference/scan.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { at, input, output, scratch, windowOf, type Pass, type Plan } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { cutAligned } from '../cut.ts';
import type { WholeTasks } from './plan.ts';
import type { RowSlice } from './slicing.ts';

/** See the function of this name in slicing.ts. */
export function rowSlices(
  problem: ScanProblem,
  whole: readonly RowSlice[],
  caps: Capabilities,
): readonly RowSlice[] | string {
  const { outer, length, inner, dtype, reverse } = problem;
  const unitBytes = inner * dtypeSizeBytes(dtype);
  if (outer * length * unitBytes <= caps.limits.maxStorageBufferBindingSize) return whole;
  if (outer > 1) return 'rows start where slices cannot';
  const ranges = cutAligned(length, [unitBytes], caps);
  if (typeof ranges === 'string') return ranges;
  const slices = ranges.map(([begin, end]): RowSlice => ({
    problem: { ...problem, length: end - begin },
    of: (elements) => windowOf(elements, begin * unitBytes, (end - begin) * unitBytes),
    first: begin,
  }));
  return reverse ? slices.toReversed() : slices;
}

/** Borders with other slices that a slice has. */
const BORDERS = 2;

/**
 * The plan of a scan of segments slice by slice: each slice leaves the state of the segment that goes on in the next.
 *
 * @param parts what tasks start from and leave
 */
export function bordersPlan(
  slices: readonly RowSlice[],
  stateBytes: number,
  parts: readonly ShaderPart[],
  pass: (tasks: WholeTasks) => Pass,
): Plan {
  const { inner } = slices[0]!.problem;
  return {
    scratchBytes: [BORDERS * inner * stateBytes],
    passes: slices.map(({ problem, of, first }, slice) =>
      pass({
        problem,
        parts,
        place: { first, slice },
        bindings: [of(input(0)), of(output(0)), input(1), at(4, scratch(0))],
      }),
    ),
  };
}
