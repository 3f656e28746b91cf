import type { SortProblem } from '../../reference/sort.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { windowOf, type Binding } from '../../runtime/plan.ts';
import { dtypeSizeBytes, storageSizeBytes, type TensorSpec } from '../../tensor.ts';
import { countable, cutAligned, rangesOf } from '../cut.ts';
import type { Range } from '../define.ts';
import type { Sliceable } from '../slicing.ts';
import { sortContract } from './contract.ts';
import { PAIR_BYTES } from './network.ts';

const pairsOf = ({ outer, length, inner }: SortProblem): TensorSpec => ({
  shape: [outer, length, inner, PAIR_BYTES / 4],
  dtype: 'u32',
});

/** Whether a buffer holds the pairs of keys and positions of all rows, as it has to for long ones. */
export const pairsFit = (problem: SortProblem, { limits }: Capabilities): boolean =>
  storageSizeBytes(pairsOf(problem)) <= limits.maxStorageBufferBindingSize;

/** Rows along the outer axis of which a buffer holds the pairs, where x and the results can be bound as a whole; else none. */
export function rowsAtOnce(problem: SortProblem, { limits }: Capabilities): number {
  const { maxStorageBufferBindingSize: limit } = limits;
  const tensors = [...sortContract.inputs(problem), ...sortContract.outputs(problem)];
  if (tensors.some((spec) => storageSizeBytes(spec) > limit)) return 0;
  return Math.floor(limit / storageSizeBytes(pairsOf({ ...problem, outer: 1 })));
}

/** Sorts, with their pairs for a result. */
export const sortWithPairs: Sliceable<SortProblem> = {
  ...sortContract,
  outputs: (problem) => [...sortContract.outputs(problem), pairsOf(problem)],
};

/**
 * A slab of the axis as a problem of its own: its elements in order, no more of them than results can come from, and where they
 * were in it.
 */
export interface Slab {
  readonly problem: SortProblem;
  /** Where on the axis it begins. */
  readonly begin: number;
  /** Its part of an input. */
  readonly of: (operand: Binding) => Binding;
  /** Scratch buffers: the two results, and the elements' places among all. */
  readonly elements: number;
  readonly positions: number;
  readonly ranks: number;
}

/** Scratch buffers of a slab. */
const BUFFERS = 3;

/** The sizes of all of them, slab by slab. */
export const slabBytes = (slabs: readonly Slab[]): readonly number[] =>
  slabs.flatMap(({ problem }) => {
    const [elements, positions] = sortContract.outputs(problem).map(storageSizeBytes);
    return [elements!, positions!, positions!];
  });

/** How one row, or the columns of one [length, inner], is cut. */
export interface Cut {
  readonly slabs: readonly Slab[];
  /** Stretches of the results that can be bound. */
  readonly stretches: readonly Range[];
}

/** Or why it cannot be. */
export function cutOf(problem: SortProblem, caps: Capabilities): Cut | string {
  const { outer, length, inner, count } = problem;
  if (outer > 1) return 'rows start where slices cannot';
  const counted = countable(length);
  if (counted !== true) return counted;
  const bytesOf = (specs: readonly TensorSpec[]): number[] =>
    specs.map(({ dtype }) => inner * dtypeSizeBytes(dtype));
  const ranges = cutAligned(length, [...bytesOf(sortContract.inputs(problem)), inner * PAIR_BYTES], caps);
  if (typeof ranges === 'string') return ranges;
  return {
    slabs: ranges.map((range, index) => slabOf(problem, range, index)),
    // These can be cut where slabs can, of which each element has more bytes.
    stretches: rangesOf(count, bytesOf(sortContract.outputs(problem)), caps),
  };
}

function slabOf(problem: SortProblem, range: Range, index: number): Slab {
  const [begin, end] = range;
  const length = end - begin;
  const inputs = sortContract.inputs(problem);
  return {
    problem: {
      ...problem,
      length,
      count: Math.min(problem.count, length),
      results: 'both',
      payload: undefined,
    },
    begin,
    of: (operand) => rangeOf(operand, inputs, problem, range),
    elements: BUFFERS * index,
    positions: BUFFERS * index + 1,
    ranks: BUFFERS * index + 2,
  };
}

/** A range of the axis of one of these tensors. */
export function rangeOf(
  whole: Binding,
  specs: readonly TensorSpec[],
  { inner }: SortProblem,
  [begin, end]: Range,
): Binding {
  const unitBytes = inner * dtypeSizeBytes(specs[whole.index]!.dtype);
  return windowOf(whole, begin * unitBytes, (end - begin) * unitBytes);
}
