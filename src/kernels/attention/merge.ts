import type { AttentionProblem, OptionalInput } from '../../reference/attention.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { scratchInput, type Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { optionalBindings, outputBindings } from './bindings.ts';
import { attentionParams } from './params.ts';
import { endingShader } from './score.ts';
import { part } from '../../wgsl/part.ts';
import { attentionTexts } from '../texts.ts';

/** Vectors of o that a workgroup makes; `THREADS` in the shader. */
const VECTORS = 64;

/** Optional inputs that tell where rows are, and what ends them. */
const MERGE_INPUTS: ReadonlySet<OptionalInput> = new Set(['sinks', 'lengths', 'offsetsQ', 'offsetsKv']);

export const mergeParts: readonly ShaderPart[] = [workgroupIndex, part(attentionTexts, 'attention/merge')];

/** Joins the parts of the keys: params 0, scratch with partial outputs and their maxima and sums 1, o 4. */
export function mergePass(problem: AttentionProblem, splits: number, caps: Capabilities): Pass {
  const ending = endingShader(problem);
  const rows = problem.batch * problem.heads * problem.seqLenQ;
  return {
    label: 'attention/merge',
    shader: { ...ending, parts: [...ending.parts, ...mergeParts] },
    params: attentionParams(problem, { width: 4, splits }),
    bindings: [
      scratchInput(0),
      ...outputBindings(problem),
      ...optionalBindings(problem, { used: (name) => MERGE_INPUTS.has(name) }),
    ],
    workgroups: foldWorkgroups(ceilDiv(rows * (problem.headDimV / 4), VECTORS), caps),
  };
}
