import type { ShaderPart } from '../../wgsl/compose.ts';
import source from '../../../shaders/attention/softmax.wgsl?raw';

/** `LOWEST` and `normaliser(l)`. */
export const softmaxPart: ShaderPart = { path: 'attention/softmax.wgsl', code: source };
