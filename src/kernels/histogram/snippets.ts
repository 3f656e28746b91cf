// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import { variants } from '../../wgsl/part.ts';
import { histogramTexts } from '../texts.ts';

/** `binOf(x)`: where a histogram counts an element. */
export const bin = variants(histogramTexts, 'lib/bin', ['integer', 'range']);
