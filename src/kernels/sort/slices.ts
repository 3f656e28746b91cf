import type { SortProblem } from '../../reference/sort.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { u32 } from '../../runtime/params.ts';
import { input, scratch, type Plan } from '../../runtime/plan.ts';
import { evenLength } from '../cut.ts';
import { ceilDiv, defineKernel, type Config, type Kernel } from '../define.ts';
import { embedPasses } from '../embedPasses.ts';
import { mostScratch, slicedPlan, slicesOf } from '../slicing.ts';
import { bitonic } from './bitonic.ts';
import { sortContract } from './contract.ts';
import { naive } from './naive.ts';
import { resultBindings } from './params.ts';
import { placeParts, placePass } from './place.ts';
import { radix } from './radix.ts';
import { rankParts, rankPass } from './rank.ts';
import { select } from './select.ts';
import { cutOf, pairsFit, rangeOf, rowsAtOnce, slabBytes, sortWithPairs, type Cut } from './slicing.ts';

const WITHIN: readonly Kernel<SortProblem>[] = [bitonic, select, radix, naive];

function planWithin(problem: SortProblem, caps: Capabilities): Plan {
  const kernel = WITHIN.find(
    (candidate) =>
      candidate.supports(problem, caps) === true && (candidate.worthwhile?.(problem, caps) ?? true) === true,
  )!;
  return kernel.plan(problem, kernel.heuristic(problem, caps), caps);
}

/** Each slab sorted on its own; then the place of each element among those of all. */
function planOfSlabs(problem: SortProblem, { slabs, stretches }: Cut, caps: Capabilities): Plan {
  const buffers = slabBytes(slabs);
  const sorts = slabs.map((slab) => planWithin(slab.problem, caps));
  const sorting = slabs.flatMap(({ of, elements, positions }, index) =>
    embedPasses(sorts[index]!, [of(input(0))], [scratch(elements), scratch(positions)], buffers.length),
  );
  const ranking = slabs.flatMap((slab) =>
    slabs.filter((other) => other !== slab).map((other, index) => rankPass(slab, other, index > 0, caps)),
  );
  const outputs = sortContract.outputs(problem);
  const placing = slabs.flatMap((slab) =>
    stretches.map((stretch) => {
      const results = resultBindings(problem).map((binding) =>
        binding.role === 'input' ? slab.of(binding) : rangeOf(binding, outputs, problem, stretch),
      );
      return placePass(problem, slab, stretch, results, caps);
    }),
  );
  return {
    scratchBytes: [...buffers, ...mostScratch(sorts)],
    passes: [...sorting, ...ranking, ...placing],
  };
}

/** So many rows along the outer axis at a time, which may begin anywhere: tensors are bound as a whole. */
function planOfRows(problem: SortProblem, rows: number, caps: Capabilities): Plan {
  const { outer } = problem;
  const each = evenLength(outer, rows, 1);
  const plans = Array.from({ length: ceilDiv(outer, each) }, (_, index) =>
    planWithin({ ...problem, outer: Math.min(each, outer - index * each) }, caps),
  );
  const passes = plans.map((plan, index) =>
    plan.passes.map((pass) =>
      // Other passes are scans of counts.
      'firstOuter' in pass.params
        ? { ...pass, params: { ...pass.params, firstOuter: u32(index * each) } }
        : pass,
    ),
  );
  return { scratchBytes: mostScratch(plans), passes: passes.flat() };
}

/** One block of rows: its pairs are in one buffer, or those of some rows are, or it is a row that has to be cut itself. */
function planOfBlock(problem: SortProblem, caps: Capabilities): Plan {
  if (pairsFit(problem, caps)) return planWithin(problem, caps);
  const rows = rowsAtOnce(problem, caps);
  if (rows > 0) return planOfRows(problem, rows, caps);
  const cut = cutOf(problem, caps);
  if (typeof cut === 'string') throw new RangeError(cut);
  return planOfSlabs(problem, cut, caps);
}

/** Rows and columns whose pairs no buffer holds: slabs of them, each sorted, and joined by places. */
export const slices = defineKernel<SortProblem, Config>({
  name: 'sort/slices',
  parts: [...WITHIN.flatMap((kernel) => kernel.parts), ...rankParts, ...placeParts],
  space: {},
  supports(problem, caps) {
    if (problem.count === 0) return 'there is nothing to sort';
    if (pairsFit(problem, caps)) return 'a buffer holds the keys and positions of all elements';
    const blocks = slicesOf(sortWithPairs, problem, caps) ?? [{ problem }];
    const cuts = blocks.map(
      ({ problem: block }) => pairsFit(block, caps) || rowsAtOnce(block, caps) > 0 || cutOf(block, caps),
    );
    return cuts.find((cut) => typeof cut === 'string') ?? true;
  },
  legal: () => true,
  heuristic: () => ({}),
  plan: (problem, _config, caps) =>
    slicedPlan(sortWithPairs, problem, caps, (block) => planOfBlock(block, caps)),
});
