// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { ShaderPart } from '../../wgsl/compose.ts';
import softmaxGradientLog from '../../../shaders/lib/softmaxGradient/log.wgsl?raw';
import softmaxGradientShare from '../../../shaders/lib/softmaxGradient/share.wgsl?raw';

/** `softmaxTerm4(y, dy)` and `softmaxGradient4(y, dy, sum)`, of a softmax or of its logarithm. */
export const softmaxGradient = {
  share: { path: 'lib/softmaxGradient/share.wgsl', code: softmaxGradientShare },
  log: { path: 'lib/softmaxGradient/log.wgsl', code: softmaxGradientLog },
} as const satisfies Record<string, ShaderPart>;
