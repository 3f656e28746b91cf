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
import source from '../../../shaders/attentionBackward/tileKeys.wgsl?raw';

export const tileKeysParts: readonly ShaderPart[] = [
  workgroupIndex,
  blockPart,
  { path: 'attentionBackward/tileKeys.wgsl', code: source },
];

/** The gradients of k and v, at 15 and 16. */
export function tileKeysPass(problem: AttentionProblem, caps: Capabilities): Pass {
  const features = featureShader(problem, { reads: 'quads', ends: false });
  return {
    label: 'attentionBackward/tileKeys',
    shader: {
      ...features,
      constants: {
        ...features.constants,
        HEAD_VECTORS: vectorCapacity(problem.headDim),
        VALUE_VECTORS: vectorCapacity(problem.headDimV),
      },
      parts: [...features.parts, ...tileKeysParts],
    },
    params: attentionParams(problem, { width: 4 }),
    bindings: [...gradientBindings(problem), at(15, output(1)), at(16, output(2))],
    workgroups: foldWorkgroups(
      Math.max(1, problem.batch * problem.kvHeads * ceilDiv(problem.seqLenKv, TILE)),
      caps,
    ),
  };
}
