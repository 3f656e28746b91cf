// How the rows of norms and of their gradients are cut where not even one can be bound, or not those whose elements lie among each other's.
import { gridSize, keptOutermost, outermostAxis, withOutermost } from '../../reference/grids.ts';
import type { NormBackwardProblem } from '../../reference/norm.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { alignedStep, countable, evenLength } from '../cut.ts';
import { ceilDiv, type Range } from '../define.ts';
import { groupReduceRuns, type GroupConfig } from '../invocationGroups.ts';
import { processorLanes } from '../processor.ts';
import { serialLimit } from '../rounding.ts';
import { hasPlainRows, QUAD } from './params.ts';

/** Bytes of the statistics of a part of a row. */
export const STATISTICS_BYTES = 16;

/** Every WebGPU device has as many invocations in a workgroup. */
const WORKGROUP_SIZE = 256;

/** Elements of a slice that are worth a workgroup of their own. */
const LEAST_PART = 4096;

/** Workgroups for a slice: enough to keep a GPU busy. */
const MOST_PARTS = 256;

/** Units that are worth their passes. */
const MOST_UNITS = 4096;

/** Units of rows that need nothing of each other but what is summed for channels, and how each is cut along its outermost axis. */
export interface RowSlices {
  readonly units: number;
  /** One of them, whose outermost axis is normalised. */
  readonly unit: NormBackwardProblem;
  /** Its rows, and the elements of each. */
  readonly rows: number;
  readonly rowLength: number;
  /** Of the outermost axis, of which an element has so many of the unit's, and so many of a row's. */
  readonly ranges: readonly Range[];
  readonly stride: number;
  readonly perRow: number;
  /** Elements of the outermost axis that can be bound, wherever they begin. */
  readonly bindable: number;
  /** Whether the unit is one row without gaps. */
  readonly isPlain: boolean;
  /** Invocations that share a part of a row: one where neighbouring elements are those of other rows. */
  readonly group: GroupConfig;
  /** Parts of a row's stretch in a slice, and the elements of each, a multiple of 4. */
  readonly parts: number;
  readonly partLength: number;
  /** Slices whose parts' statistics there is room for at once, beside those of all slices before them. */
  readonly round: number;
}

/** The number of elements of a unit's outermost axis. */
export const outermostSize = ({ ranges }: RowSlices): number => ranges.at(-1)![1];

/** How elements can be read and written. */
export const accessOf = ({ isPlain, rowLength }: RowSlices): 'aligned' | 'scalar' =>
  isPlain && rowLength % QUAD === 0 ? 'aligned' : 'scalar';

/** Statistics of parts of all rows of a unit: those of a round of slices, and of all before. */
export const partCount = ({ rows, round, parts }: RowSlices): number => rows * (1 + round * parts);

/** What the slices up to the end of a round have of each row, and in which parts that is. */
export function afterRound(
  { ranges, perRow, round, parts }: RowSlices,
  index: number,
): { readonly length: number; readonly firstPart: number; readonly endPart: number } {
  const end = Math.min(ranges.length, (index + 1) * round);
  return {
    length: ranges[end - 1]![1] * perRow,
    firstPart: index === 0 ? 1 : 0,
    endPart: 1 + (end - index * round) * parts,
  };
}

/** Passes over all slices, after each round of which there is one more. */
export const inRounds = <T>({ round }: RowSlices, passes: readonly T[], after: (index: number) => T): T[] =>
  Array.from({ length: ceilDiv(passes.length, round) }, (_, index) => [
    ...passes.slice(index * round, (index + 1) * round),
    after(index),
  ]).flat();

function groupFor(
  isPlain: boolean,
  rowBytes: number,
  caps: Capabilities,
): GroupConfig & { readonly widest: number } {
  const widest = caps.software ? processorLanes(rowBytes, caps) : WORKGROUP_SIZE;
  const group = { workgroupSize: WORKGROUP_SIZE, lanes: isPlain ? widest : 1, subgroups: true };
  return { ...group, widest, subgroups: groupReduceRuns(group, caps) };
}

/** How the rows are cut; or why they are not. */
export function rowSlicesOf(problem: NormBackwardProblem, caps: Capabilities): RowSlices | string {
  const { maxStorageBufferBindingSize: limit, minStorageBufferOffsetAlignment: alignment } = caps.limits;
  const elementBytes = dtypeSizeBytes(problem.dtype);
  const rowLength = gridSize(problem.reducedDims);
  const elements = gridSize(problem.keptDims) * rowLength;
  if (elements * elementBytes <= limit) return 'the tensor can be bound as a whole';
  const counted = countable(rowLength);
  if (counted !== true) return counted;
  const units = keptOutermost(problem);
  if (units > MOST_UNITS)
    return `there are more than ${MOST_UNITS} rows, each of which would take several passes`;
  const unit = units > 1 ? withOutermost(problem, 1) : problem;
  const { size, stride } = outermostAxis(unit) ?? { size: 1, stride: 1 };
  const strideBytes = stride * elementBytes;
  const isAligned = [strideBytes, units > 1 ? size * strideBytes : 0].every(
    (bytes) => bytes % alignment === 0,
  );
  // What begins anywhere may have to be bound from before that.
  const bindable = Math.floor((limit - (isAligned ? 0 : alignment)) / strideBytes);
  if (bindable < 1)
    return `the adapter binds ${limit} bytes (maxStorageBufferBindingSize), fewer than lie between elements that are normalised together`;
  const step = alignedStep([strideBytes], alignment);
  const each = evenLength(size, bindable, step <= bindable ? step : 1);
  const ranges = Array.from({ length: ceilDiv(size, each) }, (_, index): Range => [
    index * each,
    Math.min(size, (index + 1) * each),
  ]);
  const perRow = rowLength / size;
  const rows = gridSize(unit.keptDims);
  const isPlain = rows === 1 && hasPlainRows(unit);
  const { widest, ...group } = groupFor(isPlain, rowLength * elementBytes, caps);
  const longest = ranges[0]![1] * perRow;
  // Neither a part nor the parts of all slices may be longer, one after the other, than half of what sums of other kernels are.
  const serial = group.lanes * ceilDiv(serialLimit(rowLength), 2);
  const least = ceilDiv(longest, QUAD * serial);
  const room = Math.floor(limit / (STATISTICS_BYTES * rows)) - 1;
  const most = Math.min(room, Math.floor(serial / ranges.length));
  if (most < least) return 'the statistics of a slice might not fit one binding';
  const workgroups = Math.min(MOST_PARTS, ceilDiv(longest * rows, LEAST_PART));
  const useful = ceilDiv(workgroups * widest, rows * group.lanes);
  const parts = Math.min(most, Math.max(least, useful));
  const partLength = ceilDiv(ceilDiv(longest, parts), QUAD) * QUAD;
  return {
    units,
    unit,
    rows,
    rowLength,
    ranges,
    stride,
    perRow,
    bindable,
    isPlain,
    group,
    parts,
    partLength,
    round: Math.min(ranges.length, Math.floor(room / parts)),
  };
}
