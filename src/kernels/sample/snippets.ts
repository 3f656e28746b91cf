// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import { part, variants } from '../../wgsl/part.ts';
import { sampleTexts } from '../texts.ts';

/** `philox(counter, seed)`: random bits. */
export const philox = part(sampleTexts, 'lib/philox');

/** `tokenOf(row, i)`; `given` declares binding 3. */
export const token = variants(sampleTexts, 'lib/token', ['own', 'given']);
