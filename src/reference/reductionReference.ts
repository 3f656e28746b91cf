import type { DType } from '../tensor.ts';
import { exactSum } from './exactSum.ts';
import { gridOffsets } from './grids.ts';
import { parseOperator } from './operator.ts';
import { reductionDivisor, type ReductionKind, type ReductionProblem } from './reduction.ts';

/** The definition of the reductions, in f64; integers wrap around. One array of results, and for `moments` two. */
export function reductionReference(problem: ReductionProblem, x: Float64Array): Float64Array[] {
  const { kind } = problem;
  if (kind !== 'moments') return [reduceElements(problem, x, definitions[kind])];
  return [reduceElements(problem, x, definitions.mean), reduceElements(problem, x, definitions.variance)];
}

/** Makes one number of the elements of each result, which come in order. */
export function reduceElements(
  problem: ReductionProblem,
  x: Float64Array,
  reduce: (elements: Float64Array, problem: ReductionProblem) => number,
): Float64Array {
  const outer = gridOffsets(problem.keptDims, problem.keptStrides);
  const inner = gridOffsets(problem.reducedDims, problem.reducedStrides);
  const elements = new Float64Array(inner.length);
  return outer.map((start) => {
    for (let r = 0; r < inner.length; r++) elements[r] = x[start + inner[r]!]!;
    return reduce(elements, problem);
  });
}

type Definition = (elements: Float64Array, problem: ReductionProblem) => number;

const definitions: Readonly<Record<Exclude<ReductionKind, 'moments'>, Definition>> = {
  sum: (elements, { dtype, reproducible }) =>
    reproducible && isFloating(dtype) ? exactSum(elements, 1, dtype) : sumOf(elements, dtype),
  mean: (elements, { dtype, reproducible }) =>
    reproducible && isFloating(dtype) ? exactSum(elements, elements.length, dtype) : meanOf(elements),
  prod: (elements, { dtype }) => elements.reduce((product, value) => multiply(product, value, dtype), 1),
  // These let NaN through, and take -0 for smaller than +0.
  max: (elements) => elements.reduce((a, b) => Math.max(a, b), -Infinity),
  min: (elements) => elements.reduce((a, b) => Math.min(a, b), Infinity),
  any: (elements) => Number(elements.some((value) => value !== 0)),
  all: (elements) => Number(elements.every((value) => value !== 0)),
  argmax: (elements) => extremeIndex(elements, (value, leader) => value > leader),
  argmin: (elements) => extremeIndex(elements, (value, leader) => value < leader),
  sumSquare: (elements, { dtype }) => sumOf(squares(elements, dtype), dtype),
  l1Norm: (elements, { dtype }) =>
    sumOf(
      elements.map((value) => Math.abs(value)),
      dtype,
    ),
  l2Norm: (elements) => Math.sqrt(sumOf(squares(elements, 'f32'), 'f32')),
  logSum: (elements) => Math.log(sumOf(elements, 'f32')),
  logSumExp,
  variance,
  std: (elements, problem) => Math.sqrt(variance(elements, problem)),
  custom: combineAll,
};

const isFloating = (dtype: DType): dtype is 'f32' | 'f16' => dtype === 'f32' || dtype === 'f16';

/** Integers wrap around at each step: in the end, their sum might have left what a double holds exactly. */
function sumOf(elements: Float64Array, dtype: DType): number {
  let total = 0;
  for (const value of elements) total = wrap(total + value, dtype);
  return total;
}

function wrap(value: number, dtype: DType): number {
  if (dtype === 'i32') return value | 0;
  return dtype === 'u32' ? value >>> 0 : value;
}

function meanOf(elements: Float64Array): number {
  return sumOf(elements, 'f32') / elements.length;
}

/** Shifted by the largest element, so that nothing overflows; an infinity or NaN there is the result. */
function logSumExp(elements: Float64Array): number {
  const largest = elements.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!Number.isFinite(largest)) return largest;
  return largest + Math.log(elements.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}

function variance(elements: Float64Array, problem: ReductionProblem): number {
  const mean = meanOf(elements);
  return elements.reduce((sum, value) => sum + (value - mean) ** 2, 0) / reductionDivisor(problem);
}

function multiply(a: number, b: number, dtype: DType): number {
  return dtype === 'i32' || dtype === 'u32' ? wrap(Math.imul(a, b), dtype) : a * b;
}

function squares(elements: Float64Array, dtype: DType): Float64Array {
  return elements.map((value) => multiply(value, value, dtype));
}

function combineAll(elements: Float64Array, { custom, dtype }: ReductionProblem): number {
  const { combine, identity, map } = parseOperator('reduce', custom!, dtype);
  return elements.reduce((a, x) => combine.evaluate({ a, b: map.evaluate({ x }) }), identity.evaluate({}));
}

/** Where the largest or smallest element is: NaN before all numbers, and the first of equals. */
function extremeIndex(elements: Float64Array, better: (value: number, leader: number) => boolean): number {
  let best = 0;
  for (let r = 0; r < elements.length; r++) {
    if (Number.isNaN(elements[r]!)) return r;
    if (better(elements[r]!, elements[best]!)) best = r;
  }
  return best;
}
