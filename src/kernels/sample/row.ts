import { seedWords, type SampleProblem } from '../../reference/sample.ts';
import { f32, u32 } from '../../runtime/params.ts';
import { input, output } from '../../runtime/plan.ts';
import { defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { groupReduceRuns, groupScan, groupScanShader, type GroupConfig } from '../invocationGroups.ts';
import { order, reduce, workgroupIndex } from '../lib.ts';
import { philox, token } from './snippets.ts';
import { part } from '../../wgsl/part.ts';
import { sampleTexts } from '../texts.ts';

interface RowConfig extends Config {
  /** Invocations of a workgroup, which draws for one row; `LANES` in the shader. */
  readonly lanes: number;
  /** Whether they exchange sums within subgroups, or through workgroup memory alone. */
  readonly subgroups: boolean;
}

const source = part(sampleTexts, 'sample/row');
const common = [workgroupIndex, philox, order.f32, reduce.sum, source];

const groupOf = ({ lanes, subgroups }: RowConfig): GroupConfig => ({
  workgroupSize: lanes,
  lanes,
  subgroups,
});

/** One workgroup a row. */
export const row = defineKernel<SampleProblem, RowConfig>({
  name: 'sample/row',
  parts: [...common, ...Object.values(token), ...Object.values(groupScan)],
  space: { lanes: [1, 8, 32, 64, 128, 256], subgroups: [false, true] },
  supports: () => true,
  legal: (config, _problem, caps) => groupReduceRuns(groupOf(config), caps),
  heuristic(_problem, caps) {
    // Barriers are what a processor is slow at; within a subgroup there are none.
    const lanes = caps.software ? (caps.subgroups?.minSize ?? 8) : 256;
    return { lanes, subgroups: groupReduceRuns(groupOf({ lanes, subgroups: true }), caps) };
  },
  plan(problem, config, caps) {
    const { dtype, rows, length, chosen, scale, minP, topP, seed, step } = problem;
    const group = groupScanShader(groupOf(config), false, caps);
    const [seedLow, seedHigh] = seedWords(seed);
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'sample/row',
          shader: {
            extensions: [...(dtype === 'f16' ? (['f16'] as const) : []), ...group.extensions],
            aliases: { Elem: dtype, Acc: 'f32' },
            constants: { ...group.constants, SMALLEST: false },
            parts: [...common, chosen ? token.given : token.own, group.part],
          },
          params: {
            rows: u32(rows),
            length: u32(length),
            scale: f32(scale),
            minP: f32(minP),
            topP: f32(topP),
            seedLow: u32(seedLow),
            seedHigh: u32(seedHigh),
            step: u32(step),
          },
          bindings: [input(0), output(0), ...(chosen ? [input(1)] : [])],
          workgroups: foldWorkgroups(rows, caps),
        },
      ],
    };
  },
});
