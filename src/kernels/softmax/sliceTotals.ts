import { part } from '../../wgsl/part.ts';
import { softmaxTexts } from '../texts.ts';

/** The pass between those over the slices: maximum and sum of every column, from those of its parts. */
export const sliceTotalsPart = part(softmaxTexts, 'softmax/sliceTotals');

/** As in the shader. */
export const TOTALS_WORKGROUP_SIZE = 64;
