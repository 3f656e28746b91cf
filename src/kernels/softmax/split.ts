import type { SoftmaxProblem } from '../../reference/softmax.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { u32, type Params } from '../../runtime/params.ts';
import { input, scratch } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo, type Config } from '../define.ts';
import { groupReduce, groupReduceRuns, groupReduceShader, type GroupConfig } from '../invocationGroups.ts';
import { reduceSoftmax, softmaxStretch } from './snippets.ts';
import { serialLimit } from '../rounding.ts';
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

const partLength = (length: number, split: number): number => ceilDiv(ceilDiv(length, split), QUAD) * QUAD;

/** States that an invocation combines one after the other, in both passes. */
const serialSteps = (length: number, { lanes, split }: Pick<SplitConfig, 'lanes' | 'split'>): number =>
  ceilDiv(partLength(length, split), UNROLL * QUAD * lanes) + ceilDiv(split, lanes);

function legal(config: SplitConfig, { outer, length }: SoftmaxProblem, caps: Capabilities): boolean {
  return (
    groupReduceRuns(groupOf(config), caps) &&
    config.split * QUAD <= length &&
    outer * config.split * STATE_BYTES <= caps.limits.maxStorageBufferBindingSize &&
    serialSteps(length, config) <= serialLimit(length)
  );
}

/** Parts that each row would be cut into for the sake of speed; 1 where there are rows enough. */
function wantedSplit({ dtype, outer, length }: SoftmaxProblem, lanes: number, caps: Capabilities): number {
  return usefulSplit(caps, outer * lanes, (length * dtypeSizeBytes(dtype)) / lanes);
}

function lanesFor(length: number, caps: Capabilities): number {
  // Barriers are what a processor is slow at; within a subgroup there are none.
  const most = caps.software ? (caps.subgroups?.minSize ?? 8) : MAX_LANES;
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
  supports({ outer, length, inner }, { limits }) {
    if (inner !== 1) return 'the elements of a row lie apart';
    if (length < 2 * QUAD) return `a row of ${length} elements is too short to be cut`;
    if (outer * length * STATE_BYTES > limits.maxStorageBufferBindingSize * QUAD) {
      return 'the states of all parts might not fit one binding';
    }
    return true;
  },
  worthwhile: (problem, caps) =>
    wantedSplit(problem, lanesFor(problem.length, caps), caps) > 1 ||
    'there are rows enough to keep the device busy without cutting them',
  legal,
  heuristic(problem, caps) {
    const { length } = problem;
    const lanes = lanesFor(length, caps);
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
    const { outer, length } = problem;
    const group = groupReduceShader(groupOf(config), caps);
    const load = loadShader(problem);
    const params: Params = {
      rows: u32(outer),
      length: u32(length),
      split: u32(config.split),
      partLength: u32(partLength(length, config.split)),
    };
    const { workgroupSize } = groupOf(config);
    const workgroups = foldWorkgroups(ceilDiv(outer * config.split * config.lanes, workgroupSize), caps);
    return {
      scratchBytes: [outer * config.split * STATE_BYTES],
      passes: [
        {
          label: 'softmax/split',
          shader: {
            ...load,
            extensions: [...load.extensions, ...group.extensions],
            constants: group.constants,
            parts: [...load.parts, group.part, reduceSoftmax, softmaxStretch, source],
          },
          params,
          bindings: [input(0), scratch(0)],
          workgroups,
        },
        splitResultPass(problem, params, group, workgroups),
      ],
    };
  },
});
