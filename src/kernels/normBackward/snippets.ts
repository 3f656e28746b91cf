// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { ShaderPart } from '../../wgsl/compose.ts';
import channelGradientsBoth from '../../../shaders/lib/channelGradients/both.wgsl?raw';
import channelGradientsScale from '../../../shaders/lib/channelGradients/scale.wgsl?raw';
import channelScaleAligned from '../../../shaders/lib/channelScale/aligned.wgsl?raw';
import channelScaleScalar from '../../../shaders/lib/channelScale/scalar.wgsl?raw';
import reduceSumPair from '../../../shaders/lib/reduce/sumPair.wgsl?raw';

/** The operator of two sums at once: `State`, `identity()`, `combine(a, b)`. */
export const sumPair: ShaderPart = { path: 'lib/reduce/sumPair.wgsl', code: reduceSumPair };

/** `scaled(x, channels)`; declares binding 4. */
export const channelScale = {
  aligned: { path: 'lib/channelScale/aligned.wgsl', code: channelScaleAligned },
  scalar: { path: 'lib/channelScale/scalar.wgsl', code: channelScaleScalar },
} as const satisfies Record<string, ShaderPart>;

/** `storeGradients(channel, sums)`; `scale` declares binding 2, `both` 3 as well. */
export const channelGradients = {
  scale: { path: 'lib/channelGradients/scale.wgsl', code: channelGradientsScale },
  both: { path: 'lib/channelGradients/both.wgsl', code: channelGradientsBoth },
} as const satisfies Record<string, ShaderPart>;
