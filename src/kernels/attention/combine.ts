import type { AttentionPartial, AttentionProblem } from '../../reference/attention.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { at, input, scratchInput, type Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { outputBindings } from './bindings.ts';
import { attentionNames } from './contract.ts';
import { attentionParams } from './params.ts';
import { endingShader } from './score.ts';
import { part } from '../../wgsl/part.ts';
import { attentionSlicesTexts } from '../texts.ts';

/** Elements of o that a workgroup makes; `THREADS` in the shader. */
const ELEMENTS = 64;

export const combineParts: readonly ShaderPart[] = [
  workgroupIndex,
  part(attentionSlicesTexts, 'attention/combine'),
];

/** Joins the results of several sets of keys: partial outputs 1, in scratch 0, their logarithms 2, in scratch 1, o 4. */
export function combinePass(
  problem: AttentionProblem,
  { batch, heads, rows, count }: Pick<AttentionPartial, 'batch' | 'heads' | 'rows' | 'count'>,
  caps: Capabilities,
): Pass {
  // Every row is there, whichever sequence has it.
  const ending = endingShader({ ...problem, lengths: false, tokens: undefined, cache: undefined });
  const params = attentionParams({ ...problem, batch, seqLenQ: rows }, { width: 1, splits: count });
  return {
    label: 'attention/combine',
    shader: { ...ending, parts: [...ending.parts, ...combineParts] },
    params,
    bindings: [
      scratchInput(0),
      scratchInput(1),
      ...outputBindings(problem),
      ...(problem.sinks ? [at(8, input(attentionNames.inputs(problem).indexOf('sinks')))] : []),
    ],
    workgroups: foldWorkgroups(ceilDiv(batch * heads * rows * problem.headDimV, ELEMENTS), caps),
  };
}
