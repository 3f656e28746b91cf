import type { ArithmeticType } from './arithmetic.ts';
import { scanCombine, scanIdentity } from './scanReference.ts';

/** What becomes of the elements of a segment. */
export type SegmentReductionKind = 'sum' | 'mean' | 'max' | 'min';

/**
 * `y[s, j] = kind over offsets[s] <= i < offsets[s + 1] of x[i, j]`, for x in [length, inner] and one offset more than there
 * are segments, ascending from 0 to length.
 */
export interface SegmentReductionProblem {
  readonly kind: SegmentReductionKind;
  /** f16 is combined in f32. */
  readonly dtype: ArithmeticType;
  readonly length: number;
  readonly inner: number;
  readonly segments: number;
}

/** The definition of segmented reductions. Of an empty segment the sum is 0, the mean NaN, an extreme that of a scan. */
export function segmentReductionReference(
  { kind, dtype, inner, segments }: SegmentReductionProblem,
  [x, offsets]: readonly Float64Array[],
): Float64Array {
  const operator = kind === 'mean' ? 'sum' : kind;
  const combine = scanCombine(operator, dtype);
  const y = new Float64Array(segments * inner);
  for (let s = 0; s < segments; s++) {
    const [begin, end] = [offsets![s]!, offsets![s + 1]!];
    for (let j = 0; j < inner; j++) {
      let state = scanIdentity(operator, dtype);
      for (let i = begin; i < end; i++) state = combine(state, x![i * inner + j]!);
      y[s * inner + j] = kind === 'mean' ? state / (end - begin) : state;
    }
  }
  return y;
}
