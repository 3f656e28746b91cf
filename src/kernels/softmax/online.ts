import type { SoftmaxProblem } from '../../reference/softmax.ts';
import { input, output } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo, type Config } from '../define.ts';
import { groupReduce, groupReduceRuns, groupReduceShader, type GroupConfig } from '../invocationGroups.ts';
import { processorLanes } from '../processor.ts';
import { reduceSoftmax, softmaxStretch } from './snippets.ts';
import { serialLimit } from '../rounding.ts';
import { everyQuadPart, QUAD, quadShader, softmaxParams } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { softmaxTexts } from '../texts.ts';

interface OnlineConfig extends Config {
  /** Invocations that share a row, a power of two; `LANES` in the shader. */
  readonly lanes: number;
  /** Whether they exchange states within subgroups, or through workgroup memory alone. */
  readonly subgroups: boolean;
}

const source = part(softmaxTexts, 'softmax/online');

/** Every WebGPU device has as many. */
const WORKGROUP_SIZE = 256;

/** Quads that an invocation reads at a time, as in the shader. */
const UNROLL = 4;

/** States that an invocation combines one after the other. */
const serialSteps = (length: number, lanes: number): number => ceilDiv(length, UNROLL * QUAD * lanes);

const groupOf = ({ lanes, subgroups }: OnlineConfig): GroupConfig => ({
  workgroupSize: WORKGROUP_SIZE,
  lanes,
  subgroups,
});

/** Rows without gaps, read twice, of any length that one workgroup can add up accurately. */
export const online = defineKernel<SoftmaxProblem, OnlineConfig>({
  name: 'softmax/online',
  parts: [...everyQuadPart, ...Object.values(groupReduce), reduceSoftmax, softmaxStretch, source],
  space: { lanes: [1, 2, 4, 8, 16, 32, 64, 128, 256], subgroups: [false, true] },
  supports({ length, inner }) {
    if (inner !== 1) return 'the elements of a row lie apart';
    if (serialSteps(length, WORKGROUP_SIZE) > serialLimit(length)) {
      return `one workgroup would add too many of the ${length} elements of a row one after the other`;
    }
    return true;
  },
  legal(config, { length }, caps) {
    return groupReduceRuns(groupOf(config), caps) && serialSteps(length, config.lanes) <= serialLimit(length);
  },
  heuristic({ dtype, length }, caps) {
    const wanted = powerOfTwo(length / (UNROLL * QUAD));
    const ofProcessor = processorLanes(length * dtypeSizeBytes(dtype), caps);
    let lanes = Math.min(wanted, caps.software ? ofProcessor : WORKGROUP_SIZE);
    while (serialSteps(length, lanes) > serialLimit(length)) lanes *= 2;
    return { lanes, subgroups: groupReduceRuns(groupOf({ lanes, subgroups: true }), caps) };
  },
  plan(problem, config, caps) {
    const group = groupReduceShader(groupOf(config), caps);
    const shader = quadShader(problem);
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'softmax/online',
          shader: {
            ...shader,
            extensions: [...shader.extensions, ...group.extensions],
            constants: group.constants,
            parts: [...shader.parts, group.part, reduceSoftmax, softmaxStretch, source],
          },
          params: softmaxParams(problem),
          bindings: [input(0), output(0)],
          workgroups: foldWorkgroups(ceilDiv(problem.outer * config.lanes, WORKGROUP_SIZE), caps),
        },
      ],
    };
  },
});
