import { part } from '../../wgsl/part.ts';
import { attentionTexts } from '../texts.ts';

/** `LOWEST`, `isHidden(score)`, `weightOf(score, maximum)`, `finishRow(maximum, sum, head, at)`. */
export const softmaxPart = part(attentionTexts, 'attention/softmax');
