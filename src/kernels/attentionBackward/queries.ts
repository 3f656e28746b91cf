import type { AttentionProblem } from '../../reference/attention.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { at, output, type Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { gradientBindings } from './contract.ts';
import { attentionParams } from '../attention/params.ts';
import { featureShader } from '../attention/score.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import source from '../../../shaders/attentionBackward/queries.wgsl?raw';

/** Elements of a row that a workgroup makes; `THREADS` in the shader. */
const COLUMNS = 64;

export const queriesParts: readonly ShaderPart[] = [
  workgroupIndex,
  { path: 'attentionBackward/queries.wgsl', code: source },
];

/** The gradient of q, at 15. */
export function queriesPass(problem: AttentionProblem, caps: Capabilities): Pass {
  const features = featureShader(problem, { reads: 'scalar', ends: false });
  return {
    label: 'attentionBackward/queries',
    shader: { ...features, parts: [...features.parts, ...queriesParts] },
    params: attentionParams(problem, { width: 1 }),
    bindings: [...gradientBindings(problem), at(15, output(0))],
    workgroups: foldWorkgroups(
      Math.max(1, problem.batch * problem.heads * problem.seqLenQ * ceilDiv(problem.headDim, COLUMNS)),
      caps,
    ),
  };
}
