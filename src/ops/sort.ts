import { ShapeError } from '../errors.ts';
import { sortOperation } from '../kernels/sort/index.ts';
import type { SortProblem, SortResults } from '../reference/sort.ts';
import { formatShape, sameShape, type DType, type Shape, type Tensor } from '../tensor.ts';
import { normalizeAxis, viewAlong } from './axes.ts';
import { arithmeticType } from './dtypes.ts';
import { execute } from './execute.ts';
import { checkOptions } from './options.ts';
import type { KernelChoice } from './select.ts';
import { refuse } from '../expect.ts';

export interface SortOptions extends KernelChoice {
  /** The axis to sort along; negative ones count from the end. Default: -1. */
  readonly axis?: number | undefined;
  /** From the largest to the smallest. Default: false. */
  readonly descending?: boolean | undefined;
}

export interface TopKOptions extends KernelChoice {
  /** The axis to choose along; negative ones count from the end. Default: -1. */
  readonly axis?: number | undefined;
  /** The largest elements rather than the smallest. Default: true. */
  readonly largest?: boolean | undefined;
}

/** Elements in order, and where each of them was along the axis. */
export interface Sorted<D extends DType> {
  readonly values: Tensor<D>;
  readonly indices: Tensor<'u32'>;
}

const SORT_OPTIONS = ['axis', 'descending'];

/**
 * Sorts along an axis. Equal elements keep their order, whichever the direction. NaN counts as greater than every number, so
 * it comes last, or first if descending; -0 and +0 are equal.
 *
 * @throws ShapeError for an axis that x does not have.
 */
export function sort<D extends DType>(x: Tensor<D>, options: SortOptions = {}): Sorted<D> {
  checkOptions('sort', options, SORT_OPTIONS, { x });
  const [values, indices] = run([x], sortArguments('sort', x, options, 'both'), options);
  return { values: values as Tensor<D>, indices: indices as Tensor<'u32'> };
}

/**
 * Where each element of the sorted tensor was along the axis: `sort`'s indices alone.
 *
 * @throws ShapeError for an axis that x does not have.
 */
export function argsort(x: Tensor, options: SortOptions = {}): Tensor<'u32'> {
  checkOptions('argsort', options, SORT_OPTIONS, { x });
  return run([x], sortArguments('argsort', x, options, 'indices'), options)[0] as Tensor<'u32'>;
}

/**
 * The elements of x in the order that sorts `keys`, which has the same shape.
 *
 * @throws ShapeError for an axis that the tensors do not have, or for shapes that differ.
 */
export function sortBy<D extends DType>(x: Tensor<D>, keys: Tensor, options: SortOptions = {}): Tensor<D> {
  checkOptions('sortBy', options, SORT_OPTIONS, { x, keys });
  if (!sameShape(x.shape, keys.shape)) {
    throw new ShapeError(
      `sortBy needs a key for each element: x is ${formatShape(x.shape)}, keys are ${formatShape(keys.shape)}`,
      { x: x.shape, keys: keys.shape },
    );
  }
  const problem = {
    ...sortArguments('sortBy', keys, options, 'values'),
    payload: arithmeticType('sortBy', x),
  };
  return run([keys, x], problem, options)[0] as Tensor<D>;
}

/**
 * The k largest elements along an axis, or the smallest, in order, and where they were: the lower index first among equals. NaN
 * counts as greater than every number.
 *
 * @example topK(logits, 50).indices
 * @throws ShapeError for an axis that x does not have; ArgumentError for a k that is no whole number from 0 to the axis's size.
 */
export function topK<D extends DType>(x: Tensor<D>, k: number, options: TopKOptions = {}): Sorted<D> {
  checkOptions('topK', options, ['axis', 'largest'], { x });
  const { axis, largest = true } = options;
  const all = sortArguments('topK', x, { axis, descending: largest }, 'both');
  if (!Number.isInteger(k) || k < 0 || k > all.length) {
    const range = `a whole number from 0 to ${all.length}, the size of the axis in x ${formatShape(x.shape)}`;
    refuse('topK', 'k', range, k, [0, all.length]);
  }
  const [values, indices] = run([x], { ...all, count: k }, options);
  return { values: values as Tensor<D>, indices: indices as Tensor<'u32'> };
}

interface SortArguments extends SortProblem {
  /** Counted from the front. */
  readonly axis: number;
}

function sortArguments(
  name: string,
  keys: Tensor,
  { axis = -1, descending = false }: SortOptions,
  results: SortResults,
): SortArguments {
  const view = viewAlong(name, keys.shape, axis);
  return {
    dtype: arithmeticType(name, keys),
    ...view,
    count: view.length,
    descending,
    results,
    axis: normalizeAxis(name, keys.shape, axis),
  };
}

function run(inputs: readonly Tensor[], { axis, ...problem }: SortArguments, choice: KernelChoice): Tensor[] {
  const shape: Shape = inputs[0]!.shape.map((size, at) => (at === axis ? problem.count : size));
  const shapes = problem.results === 'both' ? [shape, shape] : [shape];
  return execute({ operation: sortOperation, problem, inputs, shapes, choice });
}
