import type { NormBackwardProblem } from '../../reference/norm.ts';
import { input, output, scratchInput, type Binding } from '../../runtime/plan.ts';
import { part } from '../../wgsl/part.ts';
import type { SlicePass } from '../norm/sliceParams.ts';
import { normBackwardTexts } from '../texts.ts';
import { accessShader } from './plan.ts';
import { sumPair } from './snippets.ts';

export const sliceResultParts = [sumPair, part(normBackwardTexts, 'normBackward/sliceResult')];

/** How a pass of gradients over slices reads and writes elements, besides what it has of their rows. */
export const sliceAccess = (
  problem: NormBackwardProblem,
  access: 'aligned' | 'scalar',
  ofRows: readonly Binding[],
): Pick<SlicePass, 'access' | 'bindings'> => ({
  access: accessShader(problem, access),
  bindings: [
    [input(0), 'elements'],
    [input(1), 'elements'],
    [output(0), 'elements'],
    // x stands in where there is no scale.
    problem.scale ? [input(2), 'channels'] : [input(0), 'elements'],
    ...ofRows.map((binding) => [binding, 'all'] as const),
  ],
});

/** The last pass over each slice, by the totals and the means of its rows. */
export const sliceResult = (
  problem: NormBackwardProblem,
  access: 'aligned' | 'scalar',
  totals: number,
  means: number,
): SlicePass => ({
  label: 'normBackward/sliceResult',
  own: sliceResultParts,
  ...sliceAccess(problem, access, [scratchInput(totals), scratchInput(means)]),
});
