// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import { part, variants } from '../../wgsl/part.ts';
import { softmaxTexts } from '../texts.ts';

/** `Quad`, maxima and sums of four columns, and what makes it. */
export const softmaxQuad = part(softmaxTexts, 'lib/softmaxQuad');

export const softmaxStretch = part(softmaxTexts, 'lib/softmaxStretch');

/** The operator of softmax: `State`, `identity()`, `combine(a, b)`. */
export const reduceSoftmax = part(softmaxTexts, 'lib/reduce/softmax');

/** `softmaxResult(x, largest, sum)` and the like: shares of a sum, or their logarithms. */
export const softmaxResult = variants(softmaxTexts, 'lib/softmaxResult', ['share', 'log']);
