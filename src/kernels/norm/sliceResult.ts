import { scratchInput } from '../../runtime/plan.ts';
import { part } from '../../wgsl/part.ts';
import { normTexts } from '../texts.ts';

/** The second pass over each slice, by the statistics of all parts of its row. */
export const sliceResult = {
  label: 'norm/sliceResult',
  own: part(normTexts, 'norm/sliceResult'),
  statistics: scratchInput(0),
};
