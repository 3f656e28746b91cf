import type { SoftmaxProblem } from '../../reference/softmax.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { u32, type Params } from '../../runtime/params.ts';
import { input, scratch, windowOf, type Binding, type Pass } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo, type Config, type Range } from '../define.ts';
import { groupReduce, groupReduceRuns, groupReduceShader, type GroupConfig } from '../invocationGroups.ts';
import { reduceSoftmax, softmaxStretch } from './snippets.ts';
import { processorLanes } from '../processor.ts';
import { serialLimit } from '../rounding.ts';
import { slicing } from '../sliced.ts';
import { usefulSplit } from '../usefulSplit.ts';
import { loadShader, everyQuadPart, QUAD } from './params.ts';
import { splitResultPart, splitResultPass } from './splitResult.ts';
import { part } from '../../wgsl/part.ts';
import { softmaxTexts } from '../texts.ts';

interface SplitConfig extends Config {
  /** Invocations that share a part of a row, a power of two; `LANES` in the shader. */
  readonly lanes: number;
  /** Whether they exchange states within subgroups, or through workgroup memory alone. */
  readonly subgroups: boolean;
  /** Parts that each row is cut into. */
  readonly split: number;
}

const source = part(softmaxTexts, 'softmax/split');

/** Every WebGPU device has as many invocations in a workgroup. */
const MAX_LANES = 256;

/** Small, so that a few rows make workgroups for all cores. */
const WORKGROUP_SIZE = 64;

/** Quads that an invocation reads at a time, as in the shader. */
const UNROLL = 4;

/** Bytes of a maximum and a sum. */
const STATE_BYTES = 8;

const groupOf = ({ lanes, subgroups }: Pick<SplitConfig, 'lanes' | 'subgroups'>): GroupConfig => ({
  workgroupSize: Math.max(WORKGROUP_SIZE, lanes),
  lanes,
  subgroups,
});

/** How rows are cut: those that can be bound into parts, the only one that cannot into slices of as many parts each. */
interface Sliced {
  /** Of the row's elements; undefined where rows can be bound. */
  readonly ranges: readonly Range[] | undefined;
  /** Parts of a row, or of a slice of it. */
  readonly parts: number;
  readonly partLength: number;
  /** Parts of a whole row. */
  readonly states: number;
}

const rowsFit = ({ dtype, outer, length }: SoftmaxProblem, { limits }: Capabilities): boolean =>
  outer * length * dtypeSizeBytes(dtype) <= limits.maxStorageBufferBindingSize;

/** Or why it cannot be cut. */
function slicedInto(problem: SoftmaxProblem, split: number, caps: Capabilities): Sliced | string {
  const { outer, length } = problem;
  const elementBytes = dtypeSizeBytes(problem.dtype);
  const fits = rowsFit(problem, caps);
  if (!fits && outer > 1) return 'rows start where slices cannot';
  const ranges = fits ? undefined : slicing.code?.cutAligned(length, [elementBytes], caps);
  if (typeof ranges === 'string') return ranges;
  const count = ranges?.length ?? 1;
  const longest = Math.max(...(ranges ?? [[0, length]]).map(([begin, end]) => end - begin));
  // The states of every slice begin where they can be bound; the last parts of it may be empty.
  const step = ranges
    ? slicing.code!.alignedStep([STATE_BYTES], caps.limits.minStorageBufferOffsetAlignment)
    : 1;
  const parts = ceilDiv(ceilDiv(split, count), step) * step;
  return { ranges, parts, partLength: ceilDiv(ceilDiv(longest, parts), QUAD) * QUAD, states: count * parts };
}

function legal(config: SplitConfig, problem: SoftmaxProblem, caps: Capabilities): boolean {
  const { outer, length } = problem;
  const { lanes, split } = config;
  const sliced = slicedInto(problem, split, caps);
  if (typeof sliced === 'string') return false;
  // States that an invocation combines one after the other, in both passes.
  const steps = ceilDiv(sliced.partLength, UNROLL * QUAD * lanes) + ceilDiv(sliced.states, lanes);
  return (
    groupReduceRuns(groupOf(config), caps) &&
    split * QUAD <= length &&
    outer * sliced.states * STATE_BYTES <= caps.limits.maxStorageBufferBindingSize &&
    steps <= serialLimit(length)
  );
}

/** Parts that each row would be cut into for the sake of speed; 1 where there are rows enough. */
function wantedSplit({ dtype, outer, length }: SoftmaxProblem, lanes: number, caps: Capabilities): number {
  return usefulSplit(caps, outer * lanes, (length * dtypeSizeBytes(dtype)) / lanes);
}

function lanesFor({ dtype, length }: SoftmaxProblem, caps: Capabilities): number {
  const most = caps.software ? processorLanes(length * dtypeSizeBytes(dtype), caps) : MAX_LANES;
  return Math.min(powerOfTwo(length / (UNROLL * QUAD)), most);
}

/** Few long rows without gaps: each is made by many groups of invocations, in two passes. */
export const split = defineKernel<SoftmaxProblem, SplitConfig>({
  name: 'softmax/split',
  parts: [
    ...everyQuadPart,
    ...Object.values(groupReduce),
    reduceSoftmax,
    softmaxStretch,
    source,
    splitResultPart,
  ],
  space: {
    lanes: [1, 2, 4, 8, 16, 32, 64, 128, MAX_LANES],
    split: [2, 4, 16, 64, 256],
    subgroups: [false, true],
  },
  supports(problem, caps) {
    const { outer, length, inner } = problem;
    if (inner !== 1) return 'the elements of a row lie apart';
    if (length < 2 * QUAD) return `a row of ${length} elements is too short to be cut`;
    // One long row takes as many parts as keep its sum accurate, others may take one every few elements.
    const sliced = slicedInto(problem, Math.ceil(Math.sqrt(length)), caps);
    if (typeof sliced === 'string') return sliced;
    const states = sliced.ranges ? sliced.states : (outer * length) / QUAD;
    const most = caps.limits.maxStorageBufferBindingSize;
    return states * STATE_BYTES <= most || 'the states of all parts might not fit one binding';
  },
  worthwhile: (problem, caps) =>
    !rowsFit(problem, caps) ||
    wantedSplit(problem, lanesFor(problem, caps), caps) > 1 ||
    'there are rows enough to keep the device busy without cutting them',
  legal,
  heuristic(problem, caps) {
    const { length } = problem;
    const lanes = lanesFor(problem, caps);
    const subgroups = groupReduceRuns(groupOf({ lanes, subgroups: true }), caps);
    const most = Math.floor(length / QUAD);
    const config = {
      lanes,
      subgroups,
      split: Math.min(most, Math.max(2, wantedSplit(problem, lanes, caps))),
    };
    // More parts keep the additions in a row within bounds.
    while (!legal(config, problem, caps) && config.split < most)
      config.split = Math.min(most, 2 * config.split);
    return config;
  },
  plan(problem, config, caps) {
    const { outer } = problem;
    const { ranges, parts, partLength, states } = slicedInto(problem, config.split, caps) as Sliced;
    const group = groupReduceShader(groupOf(config), caps);
    const { workgroupSize } = groupOf(config);
    const workgroups = foldWorkgroups(ceilDiv(outer * parts * config.lanes, workgroupSize), caps);
    const elementBytes = dtypeSizeBytes(problem.dtype);
    const slices = (ranges ?? [undefined]).map((range, slice) => {
      const part = range ? { ...problem, length: range[1] - range[0] } : problem;
      const elements = (whole: Binding): Binding =>
        range ? windowOf(whole, range[0] * elementBytes, part.length * elementBytes) : whole;
      const sliceBytes = parts * STATE_BYTES;
      const params: Params = {
        rows: u32(outer),
        length: u32(part.length),
        split: u32(parts),
        partLength: u32(partLength),
        states: u32(states),
      };
      const ownStates = range ? windowOf(scratch(0), slice * sliceBytes, sliceBytes) : scratch(0);
      return { part, elements, params, ownStates };
    });
    return {
      scratchBytes: [outer * states * STATE_BYTES],
      passes: [
        ...slices.map(({ part, elements, params, ownStates }): Pass => {
          const load = loadShader(part);
          return {
            label: 'softmax/split',
            shader: {
              ...load,
              extensions: [...load.extensions, ...group.extensions],
              constants: group.constants,
              parts: [...load.parts, group.part, reduceSoftmax, softmaxStretch, source],
            },
            params,
            bindings: [elements(input(0)), ownStates],
            workgroups,
          };
        }),
        ...slices.map(({ part, elements, params }) =>
          splitResultPass(part, params, group, workgroups, elements),
        ),
      ],
    };
  },
});
