import type { NormProblem } from '../../reference/norm.ts';
import { scratchInput } from '../../runtime/plan.ts';
import { part } from '../../wgsl/part.ts';
import { reduce } from '../lib.ts';
import { normTexts } from '../texts.ts';
import type { SlicePass } from './sliceParams.ts';
import { normAccess } from './sliceStatistics.ts';

export const sliceResultParts = [reduce.sum, part(normTexts, 'norm/sliceResult')];

/** The last pass over each slice, by the totals of its rows in a scratch buffer. */
export const sliceResult = (
  problem: NormProblem,
  access: 'aligned' | 'scalar',
  totals: number,
): SlicePass => ({
  label: 'norm/sliceResult',
  own: sliceResultParts,
  ...normAccess(problem, access, scratchInput(totals)),
});
