import { gridSize, outermostAxis, withOutermost } from '../../reference/grids.ts';
import type { ReductionProblem } from '../../reference/reduction.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input, scratch, windowOf } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { embedPasses } from '../embedPasses.ts';
import { ceilDiv, defineKernel, type Config, type Kernel } from '../define.ts';
import { cutAligned } from '../cut.ts';
import { column } from './column.ts';
import { combinePass } from './combine.ts';
import { naive } from './naive.ts';
import { stateSizeBytes } from './operator.ts';
import { row } from './row.ts';

const WITHIN: readonly Kernel<ReductionProblem>[] = [row, column, naive];

/** States from one slice to the next: a multiple of 64, so that every slice's begin where they may be bound. */
const STATES_UNIT = 64;

interface Slice {
  readonly problem: ReductionProblem;
  /** Where its elements lie. */
  readonly byteOffset: number;
  readonly sizeBytes: number;
}

interface Cut {
  readonly slices: readonly Slice[];
  /** Results that a slice, but for the last, has states of. */
  readonly resultsEach: number;
  /** Slices that follow each other and have states of the same results. */
  readonly perResult: number;
}

const sizeBytesOf = ({ keptDims, reducedDims, dtype }: ReductionProblem): number =>
  gridSize(keptDims) * gridSize(reducedDims) * dtypeSizeBytes(dtype);

/** Cuts the outermost axis, or the one within it where one of its elements is too large, into slices that can be bound; or says why not. */
function cutOf(problem: ReductionProblem, caps: Capabilities): Cut | string {
  const outermost = outermostAxis(problem);
  if (!outermost) return 'there is no axis to cut';
  const { size, stride, reduced } = outermost;
  const unitBytes = stride * dtypeSizeBytes(problem.dtype);
  const { maxStorageBufferBindingSize: limit, minStorageBufferOffsetAlignment: alignment } = caps.limits;
  const resultsOfUnit = gridSize(problem.keptDims) / (reduced ? 1 : size);
  if (!reduced && unitBytes > limit && unitBytes % alignment === 0) {
    const inner = cutOf(withOutermost(problem, 1), caps);
    if (typeof inner === 'string') return inner;
    if (inner.resultsEach !== resultsOfUnit) return 'two kept axes would have to be cut';
    const slices = Array.from({ length: size }, (_, i) =>
      inner.slices.map((slice) => ({ ...slice, byteOffset: i * unitBytes + slice.byteOffset })),
    );
    return { ...inner, slices: slices.flat() };
  }
  const ranges = cutAligned(size, [unitBytes], caps);
  if (typeof ranges === 'string') return ranges;
  const perUnit = gridSize(problem.reducedDims) / size;
  return {
    slices: ranges.map(([begin, end]) => ({
      problem: { ...withOutermost(problem, end - begin), sliceFrom: reduced ? begin * perUnit : 0 },
      byteOffset: begin * unitBytes,
      sizeBytes: (end - begin) * unitBytes,
    })),
    resultsEach: reduced ? resultsOfUnit : ranges[0]![1] * resultsOfUnit,
    perResult: reduced ? ranges.length : 1,
  };
}

interface Sliced extends Cut {
  readonly kernel: Kernel<ReductionProblem>;
  readonly config: Config;
  readonly split: number;
  /** States from one slice to the next. */
  readonly stride: number;
}

/** How each slice is reduced, so that there is room for the states of all; or why it is not. */
function slicedOf(problem: ReductionProblem, caps: Capabilities): Sliced | string {
  const { maxStorageBufferBindingSize: limit } = caps.limits;
  if (sizeBytesOf(problem) <= limit) return 'the tensor can be bound as a whole';
  const cut = cutOf(problem, caps);
  if (typeof cut === 'string') return cut;
  const { slices, resultsEach } = cut;
  const kernel = WITHIN.find((candidate) =>
    slices.every((slice) => candidate.supports(slice.problem, caps) === true),
  )!;
  const heuristic = kernel.heuristic(slices[0]!.problem, caps);
  const most = typeof heuristic.split === 'number' ? heuristic.split : 1;
  // Fewer parts where the states of all would not fit.
  for (let split = most; split >= 1; split = Math.floor(split / 2)) {
    const config = 'split' in heuristic ? { ...heuristic, split } : heuristic;
    const stride = ceilDiv(resultsEach * split, STATES_UNIT) * STATES_UNIT;
    if (slices.length * stride * stateSizeBytes(problem) > limit) continue;
    if (!kernel.legal(config, slices[0]!.problem, caps)) break;
    return { ...cut, kernel, config, split, stride };
  }
  return `the states of all slices need more than the ${limit} bytes that can be bound (maxStorageBufferBindingSize)`;
}

/** Tensors of more than can be bound: every slice's states, and then those of all combined. */
export const slices = defineKernel<ReductionProblem, Config>({
  name: 'reduction/slices',
  parts: WITHIN.flatMap((kernel) => kernel.parts),
  space: {},
  supports(problem, caps) {
    const sliced = slicedOf(problem, caps);
    return typeof sliced === 'string' ? sliced : true;
  },
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const sliced = slicedOf(problem, caps);
    if (typeof sliced === 'string') throw new RangeError(sliced);
    const { kernel, config, split, stride } = sliced;
    const strideBytes = stride * stateSizeBytes(problem);
    const passes = sliced.slices.flatMap((slice, index) => {
      const elements = windowOf(input(0), slice.byteOffset, slice.sizeBytes);
      const states = windowOf(scratch(0), index * strideBytes, strideBytes);
      return embedPasses(kernel.plan(slice.problem, config, caps), [elements], [states], 1);
    });
    return {
      scratchBytes: [sliced.slices.length * strideBytes],
      passes: [...passes, combinePass(problem, split, caps, sliced)],
    };
  },
});
