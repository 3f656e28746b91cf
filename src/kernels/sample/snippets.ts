// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { ShaderPart } from '../../wgsl/compose.ts';
import philoxSource from '../../../shaders/lib/philox.wgsl?raw';
import tokenGiven from '../../../shaders/lib/token/given.wgsl?raw';
import tokenOwn from '../../../shaders/lib/token/own.wgsl?raw';

/** `philox(counter, seed)`: random bits. */
export const philox: ShaderPart = { path: 'lib/philox.wgsl', code: philoxSource };

/** `tokenOf(row, i)`; `given` declares binding 3. */
export const token: Readonly<Record<'own' | 'given', ShaderPart>> = {
  own: { path: 'lib/token/own.wgsl', code: tokenOwn },
  given: { path: 'lib/token/given.wgsl', code: tokenGiven },
};
