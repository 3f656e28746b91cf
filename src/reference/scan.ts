import type { ArithmeticType } from './arithmetic.ts';
import type { UnderstoodOperator } from './reduction.ts';

/** What a scan combines elements with. */
export type ScanOperator = 'sum' | 'prod' | 'max' | 'min';

/**
 * `y[o, i, j] = x[o, 0, j] + … + x[o, i, j]`, for x in [outer, length, inner] and + the operator. Where it is exclusive,
 * x[o, i, j] itself is left out; in reverse, it is what comes from i on.
 */
export interface ScanProblem {
  /** One of those that there are, or the caller's. */
  readonly operator: ScanOperator | UnderstoodOperator;
  /** f16 is combined in f32. */
  readonly dtype: ArithmeticType;
  readonly outer: number;
  /** Elements that are combined one after the other. */
  readonly length: number;
  /** Distance in elements between them. */
  readonly inner: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
  /**
   * How many segments there are, if the axis is cut into any. Each is scanned by itself, from `offsets[s]` up to
   * `offsets[s + 1]` of a second input that has one offset more, ascending from 0 to length; `outer` is 1 then.
   */
  readonly segments?: number | undefined;
  /** Whether results are the same on every adapter: sums of floats are exact then, each rounded once. */
  readonly reproducible?: boolean | undefined;
}

/** Rows that are scanned, each by itself. */
export function scanRows({ outer, inner, segments = outer }: ScanProblem): number {
  return segments * inner;
}

/** Whether sums are exact but for one rounding each. Integers and extremes are the same in any order. */
export function isExactSum({
  operator,
  dtype,
  reproducible = false,
}: Pick<ScanProblem, 'operator' | 'dtype' | 'reproducible'>): boolean {
  return reproducible && operator === 'sum' && (dtype === 'f32' || dtype === 'f16');
}
