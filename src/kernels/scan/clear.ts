import type { Capabilities } from '../../runtime/capabilities.ts';
import { u32 } from '../../runtime/params.ts';
import { scratch, type Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import clearSource from '../../../shaders/scan/clear.wgsl?raw';

/** As in the shader. */
const WORKGROUP_SIZE = 256;

const source: ShaderPart = { path: 'scan/clear.wgsl', code: clearSource };

/** Parts of the pass, for kernels' `parts`. */
export const clearParts: readonly ShaderPart[] = [workgroupIndex, source];

/** The pass that fills scratch 0 with zeros. */
export function clearPass(words: number, caps: Capabilities): Pass {
  return {
    label: 'scan/clear',
    shader: { parts: clearParts },
    params: { words: u32(words) },
    bindings: [scratch(0)],
    workgroups: foldWorkgroups(ceilDiv(words, WORKGROUP_SIZE), caps),
  };
}
