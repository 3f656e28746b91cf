import type { AttentionProblem } from '../../reference/attention.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { at, input, scratch, type Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { optionalBindings } from '../attention/contract.ts';
import { blockPart, TILE } from './block.ts';
import { attentionParams } from '../attention/params.ts';
import { featureShader } from '../attention/score.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import source from '../../../shaders/attentionBackward/tileStatistics.wgsl?raw';

export const tileStatisticsParts: readonly ShaderPart[] = [
  workgroupIndex,
  blockPart,
  { path: 'attentionBackward/tileStatistics.wgsl', code: source },
];

/** The statistics of rows, to scratch 0: params 0, inputs as in attention with dO at 4. */
export function tileStatisticsPass(problem: AttentionProblem, caps: Capabilities): Pass {
  const features = featureShader(problem, { reads: 'quads', ends: true });
  return {
    label: 'attentionBackward/tileStatistics',
    shader: { ...features, parts: [...features.parts, ...tileStatisticsParts] },
    params: attentionParams(problem, { width: 4 }),
    bindings: [
      input(0),
      input(1),
      input(2),
      input(3),
      at(5, scratch(0)),
      ...optionalBindings(problem, undefined, 4),
    ],
    workgroups: foldWorkgroups(
      Math.max(1, problem.batch * problem.heads * ceilDiv(problem.seqLenQ, TILE)),
      caps,
    ),
  };
}
