import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { vec4u } from '../../runtime/params.ts';
import { output, scratchInput, type Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { part } from '../../wgsl/part.ts';
import { beginOf, rowsOf } from '../attention/part.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { attentionSlicesTexts } from '../texts.ts';

/** Elements that a workgroup makes; `THREADS` in the shader. */
const ELEMENTS = 64;

export const roundedParts: readonly ShaderPart[] = [
  workgroupIndex,
  part(attentionSlicesTexts, 'attentionBackward/rounded'),
];

/**
 * Rounds the rows of a gradient that a problem has.
 *
 * @param result the gradient's number among the results
 * @param sums that of the scratch with its sums
 */
export function roundedPass(
  problem: BackwardProblem,
  result: number,
  sums: number,
  caps: Capabilities,
): Pass {
  const { dtype, tokens, part: of } = problem;
  const name = (['q', 'k', 'v'] as const)[result]!;
  const rows = rowsOf(problem, name);
  const { strides, counts, length } = rows;
  // Packed sequences lie as one.
  const [batch, heads, count] = [tokens ? 1 : counts[0]!, counts[1]!, counts[2]!];
  return {
    label: 'attentionBackward/rounded',
    shader: { extensions: dtype === 'f16' ? ['f16'] : [], aliases: { Elem: dtype }, parts: roundedParts },
    params: {
      counts: vec4u([batch, heads, count, length]),
      strides: vec4u([strides[0]!, strides[1]!, strides[2]!, beginOf(rows) - (of?.bound[name]?.[0] ?? 0)]),
    },
    bindings: [scratchInput(sums), output(result)],
    workgroups: foldWorkgroups(ceilDiv(batch * heads * count * length, ELEMENTS), caps),
  };
}
