import type { AttentionProblem } from '../../reference/attention.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { at, output, type Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { gradientBindings } from './contract.ts';
import { attentionParams } from '../attention/params.ts';
import { featureShader } from '../attention/score.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import source from '../../../shaders/attentionBackward/keys.wgsl?raw';

/** Elements of a row that a workgroup makes; `THREADS` in the shader. */
const COLUMNS = 64;

export const keysParts: readonly ShaderPart[] = [
  workgroupIndex,
  { path: 'attentionBackward/keys.wgsl', code: source },
];

/** The gradients of k and v, at 15 and 16. */
export function keysPass(problem: AttentionProblem, caps: Capabilities): Pass {
  const features = featureShader(problem, { reads: 'scalar', ends: false });
  return {
    label: 'attentionBackward/keys',
    shader: { ...features, parts: [...features.parts, ...keysParts] },
    params: attentionParams(problem, { width: 1 }),
    bindings: [...gradientBindings(problem), at(15, output(1)), at(16, output(2))],
    workgroups: foldWorkgroups(
      Math.max(
        1,
        problem.batch *
          problem.kvHeads *
          problem.seqLenKv *
          ceilDiv(Math.max(problem.headDim, problem.headDimV), COLUMNS),
      ),
      caps,
    ),
  };
}
