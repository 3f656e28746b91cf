import { part } from '../../wgsl/part.ts';
import { softmaxTexts } from '../texts.ts';

/** The last pass over a slice, by the maximum and the sum of every column. */
export const sliceResultPart = part(softmaxTexts, 'softmax/sliceResult');
