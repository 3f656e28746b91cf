// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import { variants } from '../../wgsl/part.ts';
import { compactTexts } from '../texts.ts';

/** `keep(to, i)` and `keepNothing(to)`; declares binding 3, `values` 4 as well. */
export const compacted = variants(compactTexts, 'lib/compacted', ['values', 'positions']);
