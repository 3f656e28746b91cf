import type { AttentionProblem } from '../../reference/attention.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { at, input, scratch, type Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { optionalBindings } from '../attention/contract.ts';
import { attentionParams } from '../attention/params.ts';
import { featureShader } from '../attention/score.ts';
import { foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import source from '../../../shaders/attentionBackward/statistics.wgsl?raw';

export const statisticsParts: readonly ShaderPart[] = [
  workgroupIndex,
  { path: 'attentionBackward/statistics.wgsl', code: source },
];

/** The statistics of rows, to scratch 0: params 0, inputs as in attention with dO at 4. */
export function statisticsPass(problem: AttentionProblem, caps: Capabilities): Pass {
  const features = featureShader(problem, { reads: 'scalar', ends: true });
  return {
    label: 'attentionBackward/statistics',
    shader: { ...features, parts: [...features.parts, ...statisticsParts] },
    params: attentionParams(problem, { width: 1 }),
    bindings: [
      input(0),
      input(1),
      input(2),
      input(3),
      at(5, scratch(0)),
      ...optionalBindings(problem, undefined, 4),
    ],
    workgroups: foldWorkgroups(Math.max(1, problem.batch * problem.heads * problem.seqLenQ), caps),
  };
}
