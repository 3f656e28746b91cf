// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import { variants } from '../../wgsl/part.ts';
import { ceilingTexts } from '../texts.ts';

/** `Params`, `Step`, `stepOf(params)` and `advance(x, step)` of chains of arithmetic. */
export const advance = variants(ceilingTexts, 'lib/advance', ['multiplyAdd', 'dotAdd']);
