// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import { variants } from '../../wgsl/part.ts';
import { softmaxBackwardTexts } from '../texts.ts';

/** `softmaxTerm4(y, dy)` and `softmaxGradient4(y, dy, sum)`, of a softmax or of its logarithm. */
export const softmaxGradient = variants(softmaxBackwardTexts, 'lib/softmaxGradient', ['share', 'log']);
