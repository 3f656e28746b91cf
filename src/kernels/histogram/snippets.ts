// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { ShaderPart } from '../../wgsl/compose.ts';
import binInteger from '../../../shaders/lib/bin/integer.wgsl?raw';
import binRange from '../../../shaders/lib/bin/range.wgsl?raw';

/** `binOf(x)`: where a histogram counts an element. */
export const bin: Readonly<Record<'integer' | 'range', ShaderPart>> = {
  integer: { path: 'lib/bin/integer.wgsl', code: binInteger },
  range: { path: 'lib/bin/range.wgsl', code: binRange },
};
