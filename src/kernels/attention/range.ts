import { part } from '../../wgsl/part.ts';
import { attentionTexts } from '../texts.ts';

/** `Sequence`, `queryPosition(sequence, query)`, `keyRange(sequence, query)`, `rowAt(strides, batch, head, row)`. */
export const rangePart = part(attentionTexts, 'attention/range');
