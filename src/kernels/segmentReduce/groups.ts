import { isExactReduction, type SegmentReductionProblem } from '../../reference/segmentReduce.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { u32 } from '../../runtime/params.ts';
import { input, output, scratch, type Binding, type Pass } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { part } from '../../wgsl/part.ts';
import { boundRanges } from '../sliced.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo, type Config, type Range } from '../define.ts';
import { groupReduce, groupReduceRuns, groupReduceShader, type GroupConfig } from '../invocationGroups.ts';
import { workgroupIndex } from '../lib.ts';
import { processorLanes } from '../processor.ts';
import { segmentReduceTexts } from '../texts.ts';
import { finishParts, finishPass } from './finish.ts';
import { everyOperatorPart, operatorShader, stateSizeBytes } from './operator.ts';
import { segmentStretch } from './snippets.ts';

interface GroupsConfig extends Config {
  /** Invocations that share a segment, or a column of it, a power of two; `LANES` in the shader. */
  readonly lanes: number;
  /** Whether they exchange states within subgroups, or through workgroup memory alone. */
  readonly subgroups: boolean;
}

const source = part(segmentReduceTexts, 'segmentReduce/groups');

/** Every WebGPU device has as many invocations in a workgroup. */
const WORKGROUP_SIZE = 256;

/** Elements that an invocation should have to itself. */
const ELEMENTS_EACH = 8;

const groupOf = ({ lanes, subgroups }: GroupsConfig): GroupConfig => ({
  workgroupSize: WORKGROUP_SIZE,
  lanes,
  subgroups,
});

/** One dispatch, of a range of the first axis of x. */
function groupsPass(
  problem: SegmentReductionProblem,
  config: GroupsConfig,
  stretch: keyof typeof segmentStretch,
  [begin, end]: Range,
  x: Binding,
  stores: Binding,
  caps: Capabilities,
): Pass {
  const { inner, segments } = problem;
  const results = segments * inner;
  const operator = operatorShader(problem);
  const group = groupReduceShader(groupOf(config), caps);
  return {
    label: 'segmentReduce/groups',
    shader: {
      extensions: [...operator.extensions, ...group.extensions],
      aliases: operator.aliases,
      constants: { ...group.constants, ...operator.constants },
      parts: [...operator.parts, group.part, workgroupIndex, segmentStretch[stretch], source],
    },
    params: { results: u32(results), inner: u32(inner), first: u32(begin), elements: u32(end - begin) },
    bindings: [x, input(1), stores],
    workgroups: foldWorkgroups(ceilDiv(results * config.lanes, WORKGROUP_SIZE), caps),
  };
}

/** Each segment by one invocation, a subgroup or a workgroup, as many as suit the average length. */
export const groups = defineKernel<SegmentReductionProblem, GroupsConfig>({
  name: 'segmentReduce/groups',
  parts: [
    ...everyOperatorPart,
    ...Object.values(groupReduce),
    ...Object.values(segmentStretch),
    ...finishParts,
    workgroupIndex,
    source,
  ],
  space: { lanes: [1, 2, 4, 8, 16, 32, 64, 128, 256], subgroups: [false, true] },
  supports: () => true,
  legal: (config, problem, caps) =>
    groupReduceRuns(groupOf(config), caps) && !(config.subgroups && isExactReduction(problem)),
  heuristic(problem, caps) {
    const { dtype, length, inner, segments } = problem;
    // Neighbouring columns are neighbours in memory: then invocations side by side take one each.
    const wanted = inner > 1 ? 1 : powerOfTwo(length / segments / ELEMENTS_EACH);
    const ofProcessor = processorLanes((length / segments) * dtypeSizeBytes(dtype), caps);
    const lanes = Math.min(wanted, caps.software ? ofProcessor : WORKGROUP_SIZE);
    const config = { lanes, subgroups: true };
    return { lanes, subgroups: groupReduceRuns(groupOf(config), caps) && !isExactReduction(problem) };
  },
  plan(problem, config, caps) {
    const { length, inner, segments } = problem;
    const slices = boundRanges(input(0), length, inner * dtypeSizeBytes(problem.dtype), caps);
    const passes = (stretch: keyof typeof segmentStretch, stores: Binding): readonly Pass[] =>
      slices.map(({ range, binding }) => groupsPass(problem, config, stretch, range, binding, stores, caps));
    if (slices.length === 1) return { scratchBytes: [], passes: passes('whole', output(0)) };
    return {
      scratchBytes: [segments * inner * stateSizeBytes(problem)],
      passes: [...passes('slice', scratch(0)), finishPass(problem, caps)],
    };
  },
});
