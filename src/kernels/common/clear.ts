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

const source = part(commonTexts, 'common/clear');

/** Parts of the pass, for kernels' `parts`. */
export const clearParts: readonly ShaderPart[] = [workgroupIndex, source];

/** The pass that fills a buffer with zeros, for later passes of a plan that count in it. */
export function clearPass(buffer: Binding, words: number, caps: Capabilities): Pass {
  return {
    label: 'common/clear',
    shader: { parts: clearParts },
    params: { count: u32(words) },
    bindings: [buffer],
    workgroups: foldWorkgroups(ceilDiv(words, WORKGROUP_SIZE), caps),
  };
}
