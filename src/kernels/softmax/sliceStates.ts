import { part } from '../../wgsl/part.ts';
import { softmaxTexts } from '../texts.ts';

/** The first pass over a slice: maximum and sum of each part of every column. */
export const sliceStatesPart = part(softmaxTexts, 'softmax/sliceStates');

/** Bytes of a maximum and a sum. */
export const STATE_BYTES = 8;
