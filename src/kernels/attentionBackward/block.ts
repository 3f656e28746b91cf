import type { ShaderPart } from '../../wgsl/compose.ts';
import source from '../../../shaders/attentionBackward/block.wgsl?raw';

/** `TILE` in the shader: queries or keys of a workgroup. */
export const TILE = 32;

/** `blockOf(…)`, `changeOf(…)`, `addSeen(…)`, `rowsAt(…)`; declares bindings 1 and 4. */
export const blockPart: ShaderPart = { path: 'attentionBackward/block.wgsl', code: source };
