import {
  keyRowCount,
  wholeOf,
  type AttentionPartial,
  type AttentionProblem,
} from '../../reference/attention.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input, scratch, type Plan } from '../../runtime/plan.ts';
import { storageSizeBytes } from '../../tensor.ts';
import { bindable, ceilDiv, defineKernel, type Config, type Kernel, type Range } from '../define.ts';
import { embedPasses } from '../embedPasses.ts';
import { fitsInSlices, mostScratch, slicedPlan, type Sliceable } from '../slicing.ts';
import { combineParts, combinePass } from './combine.ts';
import { attentionContract, attentionNames } from './contract.ts';
import { decode } from './decode.ts';
import { flash } from './flash.ts';
import { naive } from './naive.ts';
import { firstOf, partialSpecs, queryRows } from './part.ts';
import { attentionSlicing } from './slicing.ts';

/** What attends to some of the keys, the preferred first. */
const WITHIN: readonly Kernel<AttentionProblem>[] = [decode, flash, naive];

/** Rows of k and v in stretches of `length` at most. Those of a ring begin anew where it does. */
function stretchesOf(problem: AttentionProblem, length: number): readonly Range[] {
  const rows = keyRowCount(problem);
  const turn = problem.cache?.kind === 'ring' ? rows / 2 : rows;
  return Array.from({ length: ceilDiv(rows, turn) }, (_, turns) =>
    Array.from({ length: ceilDiv(turn, length) }, (_, stretch): Range => {
      const begin = turns * turn + stretch * length;
      return [begin, Math.min((turns + 1) * turn, begin + length)];
    }),
  ).flat();
}

/** Where the results of every stretch lie. */
function partialOf(problem: AttentionProblem, count: number): Omit<AttentionPartial, 'which'> {
  const { batch, heads, tokens } = problem;
  // Packed sequences lie as one.
  return { first: firstOf(problem), batch: tokens ? 1 : batch, heads, rows: queryRows(problem), count };
}

/** Attention to one stretch of the keys, without what ends the rows. */
function stretchProblem(
  problem: AttentionProblem,
  stretches: readonly Range[],
  which: number,
): AttentionProblem {
  const plain = { sinks: false, logSumExp: true };
  const { o: _o, lse: _lse, ...bound } = problem.part?.bound ?? {};
  return {
    ...problem,
    ...plain,
    part: {
      ...problem.part,
      whole: { ...wholeOf(problem), ...plain },
      first: firstOf(problem),
      bound,
      keys: stretches[which]!,
      partial: { ...partialOf(problem, stretches.length), which },
    },
  };
}

/** Attention but for its operands, which the pass that joins results does not bind: with those of all stretches instead. */
const combined = (stretches: readonly Range[]): Sliceable<AttentionProblem> => ({
  inputs: () => [],
  outputs: (problem) => [
    ...attentionContract.outputs(problem),
    ...partialSpecs(problem, { ...partialOf(problem, stretches.length), which: 0 }),
  ],
  slicing: attentionSlicing(attentionNames, 4),
});

/** How many more stretches are tried, if so many leave them too large. */
const MORE = 1.25;

/** Few stretches of keys of which, after cuts along other axes, all can be bound. */
function fewStretches(problem: AttentionProblem, caps: Capabilities): readonly Range[] | undefined {
  if (fitsInSlices(attentionContract, problem, caps)) return undefined;
  const rows = keyRowCount(problem);
  for (let count = 2; count < 2 * rows; count = Math.ceil(MORE * count)) {
    const stretches = stretchesOf(problem, ceilDiv(rows, count));
    const fits = (which: number): boolean =>
      fitsInSlices(attentionContract, stretchProblem(problem, stretches, which), caps);
    if (!stretches.every((_, which) => fits(which))) continue;
    return fitsInSlices(combined(stretches), problem, caps) ? stretches : undefined;
  }
  return undefined;
}

/** The plan of attention to some keys, whose operands can be bound. */
function planOf(problem: AttentionProblem, caps: Capabilities): Plan {
  const plans = WITHIN.filter(
    (kernel) =>
      kernel.supports(problem, caps) === true && (kernel.worthwhile?.(problem, caps) ?? true) === true,
  ).map((kernel) => kernel.plan(problem, kernel.heuristic(problem, caps), caps));
  return plans.find((plan) => bindable(plan, attentionContract, problem, caps) === true)!;
}

/** The results of every stretch, slice by slice, and what is made of all of them. */
function combinedPlan(problem: AttentionProblem, stretches: readonly Range[], caps: Capabilities): Plan {
  const operands = attentionNames
    .inputs(problem)
    .flatMap((name, index) => (name === 'sinks' ? [] : [input(index)]));
  const plans = stretches.map((_, which) => {
    const stretch = stretchProblem(problem, stretches, which);
    return slicedPlan(attentionContract, stretch, caps, (slice) => planOf(slice, caps));
  });
  const partial = partialOf(problem, stretches.length);
  const specs = partialSpecs(problem, { ...partial, which: 0 });
  return {
    scratchBytes: [...specs.map(storageSizeBytes), ...mostScratch(plans)],
    passes: [
      ...plans.flatMap((plan) => embedPasses(plan, operands, [scratch(0), scratch(1)], 2)),
      combinePass(problem, partial, caps),
    ],
  };
}

/**
 * Keys and values of a head that no cut along sequences, heads and queries makes small enough. Results of stretches of them are kept
 * until all are there, and merged by their sums of exponentials.
 */
export const slices = defineKernel<AttentionProblem, Config>({
  name: 'attention/slices',
  parts: [...combineParts, ...WITHIN.flatMap(({ parts }) => parts)],
  space: {},
  supports: (problem, caps) =>
    !!fewStretches(problem, caps) ||
    'for keys and values that stay too large to bind when cut along sequences and heads',
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const stretches = fewStretches(problem, caps)!;
    return slicedPlan(combined(stretches), problem, caps, (part) => combinedPlan(part, stretches, caps));
  },
});
