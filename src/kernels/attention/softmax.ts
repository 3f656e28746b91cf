import type { ShaderPart } from '../../wgsl/compose.ts';
import source from '../../../shaders/attention/softmax.wgsl?raw';

/** `LOWEST` and `normalised(o, l)`. */
export const softmaxPart: ShaderPart = { path: 'attention/softmax.wgsl', code: source };
