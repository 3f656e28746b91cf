import type { NormProblem } from '../../reference/norm.ts';
import { at, scratch, type Binding } from '../../runtime/plan.ts';
import { part } from '../../wgsl/part.ts';
import { reduce } from '../lib.ts';
import { normTexts } from '../texts.ts';
import { accessBindings, accessShader } from './params.ts';
import type { SlicePass } from './sliceParams.ts';
import { rowMoments } from './snippets.ts';

/** The number of what parts are made of, or results from, beside what `accessBindings` has. */
const STATISTICS_BINDING = 7;

const source = part(normTexts, 'norm/sliceStatistics');

export const sliceStatisticsParts = [reduce.sum, rowMoments.read, source];

/** How a pass of norms over slices reads and writes elements, besides what it has of their rows. */
export function normAccess(
  problem: NormProblem,
  access: 'aligned' | 'scalar',
  ofRows: Binding,
): Pick<SlicePass, 'access' | 'bindings'> {
  return {
    access: accessShader(problem, access),
    bindings: [
      ...accessBindings(problem).map((binding, place) => {
        // Scale and bias come third and fourth, or what stands in for them.
        const isChannels = (place === 2 || place === 3) && binding.index > 0;
        return [binding, isChannels ? 'channels' : 'elements'] as const;
      }),
      [at(STATISTICS_BINDING, ofRows), 'all'],
    ],
  };
}

/** The first pass over each slice, which leaves the statistics of its parts in a scratch buffer. */
export const sliceStatistics = (
  problem: NormProblem,
  access: 'aligned' | 'scalar',
  statistics: number,
): SlicePass => ({
  label: 'norm/sliceStatistics',
  own: sliceStatisticsParts,
  ...normAccess(problem, access, scratch(statistics)),
});
