import { part } from '../../wgsl/part.ts';
import { attentionBackwardTexts } from '../texts.ts';

/** `BlockRow`, `changeOf(product, change, row, key)`. */
export const changePart = part(attentionBackwardTexts, 'attentionBackward/change');
