import type { ShaderPart } from '../../wgsl/compose.ts';
import source from '../../../shaders/attention/softmax.wgsl?raw';

/** `LOWEST`, `isHidden(score)`, `weightOf(score, maximum)`, `finishRow(maximum, sum, head, at)`. */
export const softmaxPart: ShaderPart = { path: 'attention/softmax.wgsl', code: source };
