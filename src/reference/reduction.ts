import type { DType, Shape } from '../tensor.ts';
import { gridSize, splitAxes, type Grids } from './grids.ts';

/** The reductions that have a name of their own. */
export const REDUCTION_KINDS = [
  'sum',
  'mean',
  'prod',
  'max',
  'min',
  'any',
  'all',
  'argmax',
  'argmin',
  'sumSquare',
  'l1Norm',
  'l2Norm',
  'logSum',
  'logSumExp',
  'variance',
  'std',
  'moments',
] as const;

/** What a reduction makes of the elements that it combines into one. */
export type ReductionKind = (typeof REDUCTION_KINDS)[number] | 'custom';

/** An operator that the caller gives: WGSL expressions, see `parseExpression`. */
export interface ReductionOperator {
  /**
   * What two values become, `a` and `b`: associative. Reductions promise no order, so that it must be commutative too; in scans, `a`
   * is always what comes first.
   */
  readonly combine: string;
  /** What changes nothing when it is combined with a value. */
  readonly identity: string;
  /** What becomes of an element `x` before it is combined. Default: `x`. */
  readonly map?: string | undefined;
}

/** An operator of the caller's that has been understood: what of it reaches shaders, so that they need no parser. */
export interface UnderstoodOperator extends ReductionOperator {
  /** Its expressions, written anew. */
  readonly wgsl: Readonly<Record<keyof ReductionOperator, string>>;
}

/**
 * `y[o] = kind over r of x[offset(o) + offset(r)]`: each point o of the grid of kept axes combines the elements along the
 * grid of reduced axes. Neighbouring axes of the tensor that are both kept, or both reduced, count as one.
 */
export interface ReductionProblem extends Grids {
  readonly kind: ReductionKind;
  /** Type of the elements; `any`, `all` and arg-reductions give u32, the others the same type. f16 is summed in f32. */
  readonly dtype: DType;
  /** What variances and deviations take off the number of elements before they divide by it; 0 for other kinds. */
  readonly correction: number;
  /** Whether sums and means are exact but for one rounding, so that they are the same on every adapter. */
  readonly reproducible: boolean;
  /** The operator of kind `custom`. */
  readonly custom?: UnderstoodOperator;
  /**
   * Set for a slice of a larger problem: of what its elements are counted from, for positions. A kernel then leaves states to be
   * combined with those of other slices, instead of results. For kernels alone; no operation has such a problem.
   */
  readonly sliceFrom?: number;
}

const U32_KINDS: ReadonlySet<ReductionKind> = new Set(['argmax', 'argmin', 'any', 'all']);

/** Data type of a reduction's result. */
export function reductionResultType({ kind, dtype }: Pick<ReductionProblem, 'kind' | 'dtype'>): DType {
  return U32_KINDS.has(kind) ? 'u32' : dtype;
}

/** What means and variances divide by. A variance of fewer elements than the correction is not a number, or infinite. */
export function reductionDivisor({ reducedDims, correction }: ReductionProblem): number {
  return Math.max(0, gridSize(reducedDims) - correction);
}

/** The problem of reducing the given axes of a row-major tensor, or undefined where two grids cannot say it. */
export function reductionProblem(
  kind: ReductionKind,
  dtype: DType,
  shape: Shape,
  reducedAxes: ReadonlySet<number>,
  correction = 0,
): ReductionProblem | undefined {
  const grids = splitAxes(shape, reducedAxes);
  return grids && { kind, dtype, correction, reproducible: false, ...grids };
}

/** Whether the reduced elements of one result lie in runs without gaps; otherwise neighbouring results do. */
export function reducesInnermost({ keptStrides }: Pick<ReductionProblem, 'keptStrides'>): boolean {
  return keptStrides[3] !== 1;
}
