// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import { part, variants } from '../../wgsl/part.ts';
import { normBackwardTexts } from '../texts.ts';

/** The operator of two sums at once: `State`, `identity()`, `combine(a, b)`. */
export const sumPair = part(normBackwardTexts, 'lib/reduce/sumPair');

/** `scaled(x, channels)`; declares binding 4. */
export const channelScale = variants(normBackwardTexts, 'lib/channelScale', ['aligned', 'scalar']);

/** `storeGradients(channel, sums)`; `scale` declares binding 2, `both` 3 as well. */
export const channelGradients = variants(normBackwardTexts, 'lib/channelGradients', ['scale', 'both']);
