import type { NormBackwardProblem } from '../../reference/norm.ts';
import { scratch, scratchInput } from '../../runtime/plan.ts';
import { part } from '../../wgsl/part.ts';
import type { SlicePass } from '../norm/sliceParams.ts';
import { normBackwardTexts } from '../texts.ts';
import { sliceAccess } from './sliceResult.ts';
import { sumPair } from './snippets.ts';

export const sliceGradientsParts = [sumPair, part(normBackwardTexts, 'normBackward/sliceGradients')];

/** The second pass over each slice, by the totals of its rows, which leaves sums of its parts in a scratch buffer. */
export const sliceGradients = (
  problem: NormBackwardProblem,
  access: 'aligned' | 'scalar',
  totals: number,
  sums: number,
): SlicePass => ({
  label: 'normBackward/sliceGradients',
  own: sliceGradientsParts,
  ...sliceAccess(problem, access, [scratchInput(totals), scratch(sums)]),
});
