import {
  isExactReduction,
  type SegmentReductionKind,
  type SegmentReductionProblem,
} from '../../reference/segmentReduce.ts';
import { u32 } from '../../runtime/params.ts';
import { input, output } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo, type Config } from '../define.ts';
import { groupReduce, groupReduceRuns, groupReduceShader, type GroupConfig } from '../invocationGroups.ts';
import { finish, order, reduce, workgroupIndex } from '../lib.ts';
import { accumulator, callerParts, commonOperators, everyExactPart, exactResultParts } from '../operator.ts';
import { part } from '../../wgsl/part.ts';
import { segmentReduceTexts } from '../texts.ts';

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

const OPERATORS: Readonly<Record<SegmentReductionKind, readonly [operator: ShaderPart, finish: ShaderPart]>> =
  { ...commonOperators, mean: [reduce.sum, finish.mean] };

/** `lift`, `combine`, `identity` and `finish`. */
function operatorParts(problem: SegmentReductionProblem): readonly ShaderPart[] {
  const { kind, dtype } = problem;
  if (typeof kind === 'object') return [...callerParts('segmentReduce', kind), finish.same];
  if (!isExactReduction(problem)) {
    return isExtreme(problem) ? [...OPERATORS[kind], order[accumulator(dtype)]] : OPERATORS[kind];
  }
  const rounds = kind === 'mean' ? finish.exactMean : finish.exactSum;
  return [reduce.exactSum, rounds, ...exactResultParts(dtype)];
}

const isExtreme = ({ kind }: SegmentReductionProblem): boolean => kind === 'max' || kind === 'min';

/** Each segment by one invocation, a subgroup or a workgroup, as many as suit the average length. */
export const groups = defineKernel<SegmentReductionProblem, GroupsConfig>({
  name: 'segmentReduce/groups',
  parts: [
    ...Object.values(OPERATORS).flat(),
    reduce.custom,
    ...everyExactPart,
    ...Object.values(order),
    ...Object.values(groupReduce),
    workgroupIndex,
    source,
  ],
  space: { lanes: [1, 2, 4, 8, 16, 32, 64, 128, 256], subgroups: [false, true] },
  supports: () => true,
  legal: (config, problem, caps) =>
    groupReduceRuns(groupOf(config), caps) && !(config.subgroups && isExactReduction(problem)),
  heuristic(problem, caps) {
    const { length, inner, segments } = problem;
    // Neighbouring columns are neighbours in memory: then invocations side by side take one each.
    const wanted = inner > 1 ? 1 : powerOfTwo(length / segments / ELEMENTS_EACH);
    const lanes = Math.min(wanted, caps.software ? (caps.subgroups?.minSize ?? 8) : WORKGROUP_SIZE);
    const config = { lanes, subgroups: true };
    return { lanes, subgroups: groupReduceRuns(groupOf(config), caps) && !isExactReduction(problem) };
  },
  plan(problem, config, caps) {
    const { kind, dtype, inner, segments } = problem;
    const results = segments * inner;
    const group = groupReduceShader(groupOf(config), caps);
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'segmentReduce/groups',
          shader: {
            extensions: [...(dtype === 'f16' ? (['f16'] as const) : []), ...group.extensions],
            aliases: { Elem: dtype, Acc: accumulator(dtype), Out: dtype },
            constants: { ...group.constants, ...(isExtreme(problem) && { SMALLEST: kind === 'min' }) },
            parts: [...operatorParts(problem), group.part, workgroupIndex, source],
          },
          params: { results: u32(results), inner: u32(inner) },
          bindings: [input(0), input(1), output(0)],
          workgroups: foldWorkgroups(ceilDiv(results * config.lanes, WORKGROUP_SIZE), caps),
        },
      ],
    };
  },
});
