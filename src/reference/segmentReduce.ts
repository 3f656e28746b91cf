import type { ArithmeticType } from './arithmetic.ts';
import type { UnderstoodOperator } from './reduction.ts';

/** What becomes of the elements of a segment. */
export type SegmentReductionKind = 'sum' | 'mean' | 'prod' | 'max' | 'min';

/**
 * `y[s, j] = kind over offsets[s] <= i < offsets[s + 1] of x[i, j]`, for x in [length, inner] and one offset more than there
 * are segments, ascending from 0 to length.
 */
export interface SegmentReductionProblem {
  /** One of those that there are, or the caller's operator. */
  readonly kind: SegmentReductionKind | UnderstoodOperator;
  /** f16 is combined in f32. */
  readonly dtype: ArithmeticType;
  readonly length: number;
  readonly inner: number;
  readonly segments: number;
  /** Whether sums and means of floats are exact but for one rounding, so that they are the same on every adapter. */
  readonly reproducible?: boolean | undefined;
}

/** Whether sums are exact but for one rounding. */
export function isExactReduction({
  kind,
  dtype,
  reproducible = false,
}: Pick<SegmentReductionProblem, 'kind' | 'dtype' | 'reproducible'>): boolean {
  return reproducible && (kind === 'sum' || kind === 'mean') && (dtype === 'f32' || dtype === 'f16');
}
