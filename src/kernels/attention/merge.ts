import type { AttentionProblem } from '../../reference/attention.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { output, scratchInput, type Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { attentionExtensions } from './contract.ts';
import { attentionParams, paramsPart, type Splits } from './params.ts';
import { softmaxPart } from './softmax.ts';
import mergeSource from '../../../shaders/attention/merge.wgsl?raw';

/** Vectors of o that a workgroup makes; `THREADS` in the shader. */
const VECTORS = 64;

export const mergeParts: readonly ShaderPart[] = [
  paramsPart,
  softmaxPart,
  workgroupIndex,
  { path: 'attention/merge.wgsl', code: mergeSource },
];

/** Joins the parts of the keys: params 0, scratch with partial outputs 1, with their maxima and sums 2, o 3. */
export function mergePass(problem: AttentionProblem, splits: Splits, caps: Capabilities): Pass {
  const rows = problem.batch * problem.heads * problem.seqLenQ;
  return {
    label: 'attention/merge',
    shader: { extensions: attentionExtensions(problem), aliases: { Elem: problem.dtype }, parts: mergeParts },
    params: attentionParams(problem, splits),
    bindings: [scratchInput(0), scratchInput(1), output(0)],
    workgroups: foldWorkgroups(ceilDiv(rows * (problem.headDimV / 4), VECTORS), caps),
  };
}
