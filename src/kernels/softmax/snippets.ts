// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { ShaderPart } from '../../wgsl/compose.ts';
import softmaxOperator from '../../../shaders/lib/reduce/softmax.wgsl?raw';
import softmaxResultLog from '../../../shaders/lib/softmaxResult/log.wgsl?raw';
import softmaxResultShare from '../../../shaders/lib/softmaxResult/share.wgsl?raw';
import softmaxStretchSource from '../../../shaders/lib/softmaxStretch.wgsl?raw';

export const softmaxStretch: ShaderPart = { path: 'lib/softmaxStretch.wgsl', code: softmaxStretchSource };

/** The operator of softmax: `State`, `identity()`, `combine(a, b)`. */
export const reduceSoftmax: ShaderPart = { path: 'lib/reduce/softmax.wgsl', code: softmaxOperator };

/** `softmaxResult(x, largest, sum)` and the like: shares of a sum, or their logarithms. */
export const softmaxResult = {
  share: { path: 'lib/softmaxResult/share.wgsl', code: softmaxResultShare },
  log: { path: 'lib/softmaxResult/log.wgsl', code: softmaxResultLog },
} as const satisfies Record<string, ShaderPart>;
