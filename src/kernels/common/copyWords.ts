import type { Capabilities } from '../../runtime/capabilities.ts';
import { u32 } from '../../runtime/params.ts';
import type { Binding, Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { part } from '../../wgsl/part.ts';
import { commonTexts } from '../texts.ts';

/** As in the shader. */
const WORKGROUP_SIZE = 256;

/** Parts of the pass, for kernels' `parts`. */
export const copyWordsParts: readonly ShaderPart[] = [workgroupIndex, part(commonTexts, 'common/copyWords')];

/** The pass that copies `count` words of 32 bits from the beginning of one buffer to word `at` of another. */
export function copyWordsPass(
  from: Binding,
  to: Binding,
  { count, at }: { readonly count: number; readonly at: number },
  caps: Capabilities,
): Pass {
  return {
    label: 'common/copyWords',
    shader: { parts: copyWordsParts },
    params: { count: u32(count), at: u32(at) },
    bindings: [from, to],
    workgroups: foldWorkgroups(ceilDiv(count, WORKGROUP_SIZE), caps),
  };
}
