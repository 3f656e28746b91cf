import type { Capabilities } from '../../runtime/capabilities.ts';
import { u32 } from '../../runtime/params.ts';
import type { Binding, Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import clearSource from '../../../shaders/common/clear.wgsl?raw';

/** As in the shader. */
const WORKGROUP_SIZE = 256;

const source: ShaderPart = { path: 'common/clear.wgsl', code: clearSource };

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
