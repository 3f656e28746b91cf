import type { ArithmeticType } from './arithmetic.ts';
import { exactSum } from './exactSum.ts';
import type { ReductionOperator } from './reduction.ts';
import { accumulators } from './scanReference.ts';

/** What becomes of the elements of a segment. */
export type SegmentReductionKind = 'sum' | 'mean' | 'prod' | 'max' | 'min';

/**
 * `y[s, j] = kind over offsets[s] <= i < offsets[s + 1] of x[i, j]`, for x in [length, inner] and one offset more than there
 * are segments, ascending from 0 to length.
 */
export interface SegmentReductionProblem {
  /** One of those that there are, or the caller's operator. */
  readonly kind: SegmentReductionKind | ReductionOperator;
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

/** The definition of segmented reductions. Of an empty segment the sum is 0, the mean NaN, the rest that of a scan. */
export function segmentReductionReference(
  problem: SegmentReductionProblem,
  [x, offsets]: readonly Float64Array[],
): Float64Array {
  const { inner, segments } = problem;
  const reduce = isExactReduction(problem) ? exactly(problem) : inTurn(problem);
  const y = new Float64Array(segments * inner);
  for (let s = 0; s < segments; s++) {
    const [begin, end] = [offsets![s]!, offsets![s + 1]!];
    for (let j = 0; j < inner; j++) {
      const elements = Float64Array.from({ length: end - begin }, (_, i) => x![(begin + i) * inner + j]!);
      y[s * inner + j] = reduce(elements);
    }
  }
  return y;
}

type Reduce = (elements: Float64Array) => number;

function inTurn({ kind, dtype }: SegmentReductionProblem): Reduce {
  const start = accumulators({ operator: kind === 'mean' ? 'sum' : kind, dtype });
  return (elements) => {
    const state = start();
    for (const value of elements) state.add(value);
    return kind === 'mean' ? state.value() / elements.length : state.value();
  };
}

function exactly({ kind, dtype }: SegmentReductionProblem): Reduce {
  return (elements) => exactSum(elements, kind === 'mean' ? elements.length : 1, dtype as 'f32' | 'f16');
}
