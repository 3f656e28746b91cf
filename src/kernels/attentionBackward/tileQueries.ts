import type { AttentionProblem } from '../../reference/attention.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { at, output, type Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { vectorCapacity } from '../attention/contract.ts';
import { blockPart, TILE } from './block.ts';
import { gradientBindings } from './contract.ts';
import { attentionParams } from '../attention/params.ts';
import { featureShader } from '../attention/score.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import source from '../../../shaders/attentionBackward/tileQueries.wgsl?raw';

export const tileQueriesParts: readonly ShaderPart[] = [
  workgroupIndex,
  blockPart,
  { path: 'attentionBackward/tileQueries.wgsl', code: source },
];

/** The gradient of q, at 15. */
export function tileQueriesPass(problem: AttentionProblem, caps: Capabilities): Pass {
  const features = featureShader(problem, { reads: 'quads', ends: false });
  return {
    label: 'attentionBackward/tileQueries',
    shader: {
      ...features,
      constants: { ...features.constants, HEAD_VECTORS: vectorCapacity(problem.headDim) },
      parts: [...features.parts, ...tileQueriesParts],
    },
    params: attentionParams(problem, { width: 4 }),
    bindings: [...gradientBindings(problem), at(15, output(0))],
    workgroups: foldWorkgroups(
      Math.max(1, problem.batch * problem.heads * ceilDiv(problem.seqLenQ, TILE)),
      caps,
    ),
  };
}
