import type { ShaderPart } from '../../wgsl/compose.ts';
import source from '../../../shaders/attention/range.wgsl?raw';

/** `Sequence`, `queryPosition(sequence, query)`, `keyRange(sequence, query)`, `rowAt(strides, batch, head, row)`. */
export const rangePart: ShaderPart = { path: 'attention/range.wgsl', code: source };
