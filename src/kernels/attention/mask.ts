import type { ShaderPart } from '../../wgsl/compose.ts';
import source from '../../../shaders/attention/mask.wgsl?raw';

/** `keyEnd(query)`. */
export const maskPart: ShaderPart = { path: 'attention/mask.wgsl', code: source };
