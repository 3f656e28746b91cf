import type { SoftmaxProblem } from '../../reference/softmax.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input, output } from '../../runtime/plan.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo, type Config } from '../define.ts';
import { groupReduce, groupReduceRuns, groupReduceShader, type GroupConfig } from '../invocationGroups.ts';
import { reduceSoftmax } from './snippets.ts';
import { everyQuadPart, QUAD, quadShader, softmaxParams } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { softmaxTexts } from '../texts.ts';

interface RowConfig extends Config {
  /** Invocations that share a row, a power of two; `LANES` in the shader. */
  readonly lanes: number;
  /** Whether they exchange states within subgroups, or through workgroup memory alone. */
  readonly subgroups: boolean;
}

const source = part(softmaxTexts, 'softmax/row');

/** Every WebGPU device has as many. */
const WORKGROUP_SIZE = 256;

/** Quads that an invocation keeps: 32 numbers, half of the registers that a GPU has for it at full occupancy. */
const MAX_ITEMS = 8;

const MAX_LANES = 512;

const groupOf = ({ lanes, subgroups }: RowConfig): GroupConfig => ({
  workgroupSize: Math.max(WORKGROUP_SIZE, lanes),
  lanes,
  subgroups,
});

/** `ITEMS` in the shader; few values, so that few shaders serve all lengths. */
const itemsFor = (length: number, lanes: number): number => powerOfTwo(length / (QUAD * lanes));

const maxLanes = ({ limits }: Capabilities): number =>
  Math.min(MAX_LANES, limits.maxComputeInvocationsPerWorkgroup);

/** A processor keeps its registers in memory across barriers; there a row of one subgroup pays, a longer one does not. */
const worthwhileLanes = (caps: Capabilities): number =>
  caps.software ? (caps.subgroups?.minSize ?? 1) : maxLanes(caps);

/** Rows without gaps, read once: a row stays in the registers of the invocations that share it. */
export const row = defineKernel<SoftmaxProblem, RowConfig>({
  name: 'softmax/row',
  parts: [...everyQuadPart, ...Object.values(groupReduce), reduceSoftmax, source],
  space: { lanes: [1, 2, 4, 8, 16, 32, 64, 128, 256, MAX_LANES], subgroups: [false, true] },
  supports({ length, inner }, caps) {
    if (inner !== 1) return 'the elements of a row lie apart';
    const most = maxLanes(caps) * MAX_ITEMS * QUAD;
    if (length > most) return `a row of ${length} elements is too long to keep in registers; ${most} can be`;
    return true;
  },
  worthwhile({ length }, caps) {
    const most = worthwhileLanes(caps) * MAX_ITEMS * QUAD;
    return length <= most || `a processor would keep rows of more than ${most} elements in memory`;
  },
  legal(config, { length }, caps) {
    return groupReduceRuns(groupOf(config), caps) && itemsFor(length, config.lanes) <= MAX_ITEMS;
  },
  heuristic({ length }, caps) {
    // Four loads in flight are enough.
    const wanted = Math.min(powerOfTwo(length / (QUAD * 4)), WORKGROUP_SIZE, worthwhileLanes(caps));
    const lanes = Math.max(wanted, powerOfTwo(length / (QUAD * MAX_ITEMS)));
    return { lanes, subgroups: groupReduceRuns(groupOf({ lanes, subgroups: true }), caps) };
  },
  plan(problem, config, caps) {
    const group = groupReduceShader(groupOf(config), caps);
    const shader = quadShader(problem);
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'softmax/row',
          shader: {
            ...shader,
            extensions: [...shader.extensions, ...group.extensions],
            constants: { ...group.constants, ITEMS: itemsFor(problem.length, config.lanes) },
            parts: [...shader.parts, group.part, reduceSoftmax, source],
          },
          params: softmaxParams(problem),
          bindings: [input(0), output(0)],
          workgroups: foldWorkgroups(
            ceilDiv(problem.outer * config.lanes, groupOf(config).workgroupSize),
            caps,
          ),
        },
      ],
    };
  },
});
