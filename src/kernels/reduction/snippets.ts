// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { ShaderPart } from '../../wgsl/compose.ts';
import packHalves from '../../../shaders/lib/pack/halves.wgsl?raw';
import packWords from '../../../shaders/lib/pack/words.wgsl?raw';
import storeMoments from '../../../shaders/lib/storeResult/moments.wgsl?raw';
import storeOne from '../../../shaders/lib/storeResult/one.wgsl?raw';

/** `storeResult(o, state, count, divisor)`; `one` declares binding 2, `moments` 3 as well. */
export const storeResult = {
  one: { path: 'lib/storeResult/one.wgsl', code: storeOne },
  moments: { path: 'lib/storeResult/moments.wgsl', code: storeMoments },
} as const satisfies Record<string, ShaderPart>;

/** `PACK` and `quadAt(bytes, quad)`, for elements of 32 and of 16 bits. */
export const pack: Readonly<Record<'words' | 'halves', ShaderPart>> = {
  words: { path: 'lib/pack/words.wgsl', code: packWords },
  halves: { path: 'lib/pack/halves.wgsl', code: packHalves },
};
