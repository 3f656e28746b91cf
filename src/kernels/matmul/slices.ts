import { batchCount, isQuantized, rowMajor, type MatmulProblem } from '../../reference/matmul.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input, scratch, type Plan } from '../../runtime/plan.ts';
import { embedPasses } from '../embedPasses.ts';
import { bindable, ceilDiv, defineKernel, type Config, type Kernel, type Range } from '../define.ts';
import { fitsInSlices, mostScratch, slicedPlan, type Sliceable } from '../slicing.ts';
import { combinePart, combinePass } from './combine.ts';
import { matmulContract } from './contract.ts';
import { direct } from './direct.ts';
import { naive } from './naive.ts';
import { ofIntegers } from './shader.ts';
import { matmulSlicing, sliceOfSums } from './slicing.ts';
import { subgroupMatrix } from './onMatrices.ts';
import { tiled } from './tiled.ts';
import { vectorAxpy } from './vectorAxpy.ts';
import { vectorDot } from './vectorDot.ts';

/** What makes the sums of a slice, the preferred first. */
const WITHIN: readonly Kernel<MatmulProblem>[] = [
  vectorDot,
  vectorAxpy,
  direct,
  subgroupMatrix,
  tiled,
  naive,
];

/** What stretches of k are multiples of: no vector, and no block of quantised weights, is then cut in two. */
const unitOf = ({ b }: MatmulProblem): number =>
  !isQuantized(b) ? 8 : b.blockSize === 'row' ? 32 : b.blockSize;

/** k in stretches of `length`, but for the last. */
const stretchesOf = ({ k }: MatmulProblem, length: number): readonly Range[] =>
  Array.from({ length: ceilDiv(k, length) }, (_, s) => [s * length, Math.min(k, (s + 1) * length)]);

/** The sums of one stretch of k, which lie among those of all: [stretches, batches, m, n], without what is made of them. */
function sumsOf(problem: MatmulProblem, stretches: readonly Range[], which: number): MatmulProblem {
  const { m, n, batchDims } = problem;
  const size = batchCount(problem) * m * n;
  const sums: MatmulProblem = {
    ...problem,
    c: {
      dtype: ofIntegers(problem) ? 'i32' : 'f32',
      lineStride: n,
      batchStrides: rowMajor(batchDims, m * n),
      offset: which * size,
      elements: stretches.length * size,
    },
    precision: 'full',
    accumulate: ofIntegers(problem) ? 'i32' : 'f32',
    alpha: 1,
    beta: 1,
    scaleA: undefined,
    scaleB: undefined,
    bias: undefined,
    addend: undefined,
    residual: undefined,
    activation: 'none',
    gated: false,
  };
  return sliceOfSums(sums, stretches[which]!);
}

/** The fewest stretches of k of which, after cuts along other axes, all that they multiply can be bound. */
function fewestStretches(problem: MatmulProblem, caps: Capabilities): readonly Range[] | undefined {
  if (problem.grouped || fitsInSlices(matmulContract, problem, caps)) return undefined;
  const unit = unitOf(problem);
  for (let length = problem.k, before = Infinity; length < before;) {
    const stretches = stretchesOf(problem, length);
    const sums = stretches.map((_, which) => sumsOf(problem, stretches, which));
    if (sums.every((part) => fitsInSlices(matmulContract, part, caps))) return stretches;
    before = length;
    length = ceilDiv(length, 2 * unit) * unit;
  }
  return undefined;
}

/** A product but for its operands, which the pass that combines sums does not bind: with the sums of all stretches instead. */
const combined = (stretches: readonly Range[]): Sliceable<MatmulProblem> => ({
  inputs: ({ bias, addend, residual }) =>
    [bias, addend, residual].flatMap((term) =>
      term && term !== 'inPlace' ? [{ shape: [term.elements], dtype: term.dtype }] : [],
    ),
  outputs: (problem) => [
    ...matmulContract.outputs(problem),
    { shape: [stretches.length, batchCount(problem), problem.m, problem.n], dtype: 'f32' },
  ],
  slicing: matmulSlicing,
});

/** The plan of a product, or of sums, that can be bound. */
function planOf(problem: MatmulProblem, caps: Capabilities): Plan {
  const plans = WITHIN.filter(
    (kernel) =>
      kernel.supports(problem, caps) === true && (kernel.worthwhile?.(problem, caps) ?? true) === true,
  ).map((kernel) => {
    const config = kernel.heuristic(problem, caps);
    return kernel.plan(problem, 'splitK' in config ? { ...config, splitK: 1 } : config, caps);
  });
  return plans.find((plan) => bindable(plan, matmulContract, problem, caps) === true)!;
}

/** The sums of every stretch, slice by slice, and what is made of all of them. */
function combinedPlan(problem: MatmulProblem, stretches: readonly Range[], caps: Capabilities): Plan {
  const operands = matmulContract.inputs(problem).map((_, index) => input(index));
  const plans = stretches.map((_, which) => {
    const sums = sumsOf(problem, stretches, which);
    return slicedPlan(matmulContract, sums, caps, (slice) => planOf(slice, caps));
  });
  const passes = plans.flatMap((plan) => embedPasses(plan, operands, [scratch(0)], 1));
  return {
    scratchBytes: [4 * stretches.length * batchCount(problem) * problem.m * problem.n, ...mostScratch(plans)],
    passes: [...passes, combinePass(problem, stretches.length, caps)],
  };
}

/**
 * Products that no cut along batches, rows and columns makes small enough: those whose sums are over too long lines, and gated
 * ones of too many columns. Sums of stretches of k, or of some of the columns, are kept until all of them are there.
 */
export const slices = defineKernel<MatmulProblem, Config>({
  name: 'matmul/slices',
  get parts() {
    return [combinePart, ...WITHIN.flatMap((kernel) => kernel.parts)];
  },
  space: {},
  supports: (problem, caps) =>
    !!fewestStretches(problem, caps) ||
    'for products that stay too large to bind when cut along batches, rows and columns, and have no groups',
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const stretches = fewestStretches(problem, caps)!;
    return slicedPlan(combined(stretches), problem, caps, (part) => combinedPlan(part, stretches, caps));
  },
});
