import { part } from '../../wgsl/part.ts';
import { attentionBackwardTexts } from '../texts.ts';

/** `TILE` in the shader: queries or keys of a workgroup. */
export const TILE = 32;

/** `blockOf(…)`, `addSeen(…)`, `rowsAt(…)`; declares bindings 1 and 4. */
export const blockPart = part(attentionBackwardTexts, 'attentionBackward/block');
