import { scratch } from '../../runtime/plan.ts';
import { part } from '../../wgsl/part.ts';
import { normTexts } from '../texts.ts';

/** The first pass over each slice, which leaves the statistics of its parts in scratch 0. */
export const sliceStatistics = {
  label: 'norm/sliceStatistics',
  own: part(normTexts, 'norm/sliceStatistics'),
  statistics: scratch(0),
};

/** Bytes of a part's statistics. */
export const STATISTICS_BYTES = 16;
