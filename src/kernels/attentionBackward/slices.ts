import { wholeOf, type AttentionPart } from '../../reference/attention.ts';
import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input, scratch, type Plan } from '../../runtime/plan.ts';
import { storageSizeBytes, type TensorSpec } from '../../tensor.ts';
import { firstOf } from '../attention/part.ts';
import { attentionSlicing } from '../attention/slicing.ts';
import { defineKernel, type Config, type InputSpec, type Slicing } from '../define.ts';
import { embedPasses } from '../embedPasses.ts';
import { fitsInSlices, slicedPlan, slicesOf, type Sliceable } from '../slicing.ts';
import { rowPasses, rows } from './byRows.ts';
import { tilePasses, tiles } from './byTiles.ts';
import { attentionBackwardContract, attentionBackwardNames } from './contract.ts';
import { gradientPlan, smallInputs, statisticWords } from './pass.ts';
import { roundedParts, roundedPass } from './rounded.ts';

/** Numbers of q, k and v among the operands, and of their gradients among the results. */
const [Q, K, V] = [0, 1, 2] as const;

const operandsOf = (problem: BackwardProblem): readonly InputSpec[] =>
  attentionBackwardContract.inputs(problem);
const resultsOf = (problem: BackwardProblem): readonly TensorSpec[] =>
  attentionBackwardContract.outputs(problem);

/** The gradient of q, k or v, in f32. */
const sumOf = (problem: BackwardProblem, result: number): TensorSpec => ({
  ...resultsOf(problem)[result]!,
  dtype: 'f32',
});

/** The statistics of rows, and the small inputs behind them. */
function statisticsOf(problem: BackwardProblem, caps: Capabilities): TensorSpec {
  const words = statisticWords(problem) + (smallInputs(problem, caps)?.sizeBytes ?? 0) / 4;
  return { shape: [words], dtype: 'f32' };
}

/** Sequences and heads of k and v, which have nothing to do with each other. */
const bySequences = (caps: Capabilities): Sliceable<BackwardProblem> => ({
  inputs: operandsOf,
  outputs: (problem) => [...[Q, K, V].map((result) => sumOf(problem, result)), statisticsOf(problem, caps)],
  slicing: attentionSlicing(attentionBackwardNames, 2),
});

/** Heads that share k and v, and queries, as far as what lies along them is too large. */
const byQueries = (caps: Capabilities): Sliceable<BackwardProblem> => ({
  inputs: (problem) => operandsOf(problem).filter((_, index) => index !== K && index !== V),
  outputs: (problem) => [sumOf(problem, Q), statisticsOf(problem, caps)],
  slicing: attentionSlicing(attentionBackwardNames, 4, 2),
});

/** Keys, likewise. */
const byKeys: Sliceable<BackwardProblem> = {
  inputs: (problem) => [operandsOf(problem)[K]!, operandsOf(problem)[V]!],
  outputs: (problem) => [sumOf(problem, K), sumOf(problem, V)],
  slicing: attentionSlicing(attentionBackwardNames, 5, 4),
};

/** A cut that leaves the results of a pass as they are: others add to the same. */
function adding({ inputs, outputs, slicing }: Sliceable<BackwardProblem>): Sliceable<BackwardProblem> {
  const { place, ...rest } = slicing as Required<Slicing<BackwardProblem>>;
  const whole = [undefined, undefined, undefined];
  return {
    inputs,
    outputs,
    slicing: { ...rest, place: (problem, caps) => ({ ...place(problem, caps), outputs: whole }) },
  };
}

const partsOf = (
  operation: Sliceable<BackwardProblem>,
  problem: BackwardProblem,
  caps: Capabilities,
): readonly BackwardProblem[] =>
  slicesOf(operation, problem, caps)?.map((slice) => slice.problem) ?? [problem];

/** The problem, of which gradients are made in f32, part by part. */
const summed = (problem: BackwardProblem, sums: AttentionPart['sums'] = 'first'): BackwardProblem => ({
  ...problem,
  part: { bound: {}, ...problem.part, whole: wholeOf(problem), first: firstOf(problem), sums },
});

/** A pair of queries and keys. The first keys begin what rows have, and the first queries of the heads that share them what keys have. */
function pairOf(problem: BackwardProblem, ofKeys: boolean): BackwardProblem {
  const { first, whole, keys } = problem.part!;
  const isFirst = ofKeys
    ? first.query === 0 && first.head * whole.kvHeads === first.kvHead * whole.heads
    : (keys?.[0] ?? 0) === 0;
  return summed(problem, isFirst ? 'first' : 'more');
}

/** Whether a problem has to be cut like this, and can be. */
function isForSlices(problem: BackwardProblem, caps: Capabilities): boolean {
  const otherKernels: Sliceable<BackwardProblem> = {
    ...attentionBackwardContract,
    outputs: (part) => [...resultsOf(part), statisticsOf(part, caps)],
  };
  if (fitsInSlices(otherKernels, problem, caps)) return false;
  return partsOf(bySequences(caps), problem, caps).every((part) =>
    [byQueries(caps), byKeys].every((cut) => fitsInSlices(cut, summed(part), caps)),
  );
}

/** The plan of some sequences and heads, of which every row has its statistics in one buffer. */
function pairsPlan(problem: BackwardProblem, caps: Capabilities): Plan {
  const cuts = { queries: byQueries(caps), keys: byKeys };
  const passes = tiles.supports(problem, caps) === true ? tilePasses : rowPasses;
  const inPlace = problem.dtype === 'f32';
  const firstSum = smallInputs(problem, caps) ? 2 : 1;
  /** Halves are rounded once, when all has been added. */
  const rounded = (part: BackwardProblem, made: Plan, makes: readonly number[]): Plan => {
    if (inPlace) return made;
    const sums = [Q, K, V].map((result) => scratch(firstSum + result));
    const operands = operandsOf(part).map((_, index) => input(index));
    return {
      scratchBytes: [],
      passes: [
        ...embedPasses(made, operands, sums, 0),
        ...makes.map((result) => roundedPass(part, result, firstSum + result, caps)),
      ],
    };
  };
  const plan = gradientPlan(problem, caps, passes, (make, makes) => {
    const ofKeys = makes.includes(K);
    const [outer, inner] = ofKeys ? [cuts.keys, cuts.queries] : [cuts.queries, cuts.keys];
    return slicedPlan(outer, problem, caps, (part) => {
      const made = slicedPlan(adding(inner), part, caps, (pair) => ({
        scratchBytes: [],
        passes: make(pairOf(pair, ofKeys)),
      }));
      return rounded(part, made, makes);
    }).passes;
  });
  if (inPlace) return plan;
  const most = (result: number): number => {
    const parts = partsOf(result === Q ? cuts.queries : cuts.keys, problem, caps);
    return Math.max(...parts.map((part) => storageSizeBytes(sumOf(part, result))));
  };
  return { ...plan, scratchBytes: [...plan.scratchBytes, ...[Q, K, V].map(most)] };
}

/**
 * Queries or keys of a head that no cut along sequences and heads makes small enough. Each range of queries meets each range of keys
 * with the statistics of its rows over all keys, and adds its share to the gradients of both, in f32.
 */
export const slices = defineKernel<BackwardProblem, Config>({
  name: 'attentionBackward/slices',
  parts: [...tiles.parts, ...rows.parts, ...roundedParts],
  space: {},
  supports: (problem, caps) =>
    isForSlices(problem, caps) || 'for queries and keys that cuts elsewhere leave too large to bind',
  legal: () => true,
  heuristic: () => ({}),
  plan: (problem, _config, caps) =>
    slicedPlan(bySequences(caps), problem, caps, (part) => pairsPlan(summed(part), caps)),
});
