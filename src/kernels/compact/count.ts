import type { CompactProblem } from '../../reference/compact.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { scratch, type Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { groupReduce, groupReduceShader, type GroupConfig } from '../invocationGroups.ts';
import { reduce } from '../lib.ts';
import { compactParams, maskShader, type CompactSlice } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { compactTexts } from '../texts.ts';

const source = part(compactTexts, 'compact/count');

/** Parts of the pass, for kernels' `parts`. */
export const countParts: readonly ShaderPart[] = [reduce.sum, ...Object.values(groupReduce), source];

/** The pass that counts what is kept of each tile of `tileLength` elements, into scratch 0. */
export function countPass(
  problem: CompactProblem,
  group: GroupConfig,
  tileLength: number,
  { range: [begin, end], mask }: CompactSlice,
  caps: Capabilities,
): Pass {
  const shader = maskShader(problem);
  const reduction = groupReduceShader(group, caps);
  return {
    label: 'compact/count',
    shader: {
      extensions: [...shader.extensions, ...reduction.extensions],
      aliases: { ...shader.aliases, Acc: 'u32' },
      constants: { ...shader.constants, ...reduction.constants },
      parts: [...shader.parts, reduce.sum, reduction.part, source],
    },
    params: compactParams([begin, end], [0, 0]),
    bindings: [mask, scratch(0)],
    workgroups: foldWorkgroups(ceilDiv(end - begin, tileLength), caps),
  };
}
