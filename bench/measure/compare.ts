import { isFloat, largestFinite, smallestNormal } from '../../src/kernels/rounding.ts';
import type { DType } from '../../src/tensor.ts';

/** How a result compares with the CPU path. */
export interface Comparison {
  readonly passed: boolean;
  /** Largest absolute difference among finite elements. */
  readonly maxError: number;
  /** What was allowed at the element that came closest to its bound, or exceeded it most. */
  readonly tolerance: number;
  /** The first element out of bounds, if any. */
  readonly worst?: { readonly index: number; readonly got: number; readonly expected: number };
}

/**
 * Compares element by element: finite values within their bound, infinities and NaN exactly. A value that the type
 * cannot hold must have become infinite, unless its bound reaches back into the type's range. Where the bound of a finite value is infinite,
 * nothing is promised.
 */
export function compare(
  got: ArrayLike<number>,
  expected: Float64Array,
  bound: Float64Array,
  dtype: DType,
): Comparison {
  const largest = isFloat(dtype) ? largestFinite(dtype) : Infinity;
  const flushed = isFloat(dtype) ? smallestNormal(dtype) : 0;
  let maxError = 0;
  let tolerance = 0;
  let closest = -1;
  let worst: { index: number; got: number; expected: number } | undefined;
  for (let index = 0; index < expected.length; index++) {
    const want = expected[index]!;
    const have = got[index]!;
    const allowed = bound[index]! + (bound[index]! > 0 ? flushed : 0);
    if (Object.is(have, want) || have === want || (Number.isNaN(have) && Number.isNaN(want))) {
      if (closest < 0) tolerance = Math.max(tolerance, allowed);
      continue;
    }
    const error = Math.abs(have - want);
    const overflowed = Math.abs(have) === Infinity && have * want > 0 && Math.abs(want) + allowed >= largest;
    const unbounded = allowed === Infinity && Number.isFinite(want);
    const ratio = overflowed || unbounded ? 0 : Number.isFinite(error) ? error / allowed : Infinity;
    if (Number.isFinite(error)) maxError = Math.max(maxError, error);
    if (!(ratio <= closest)) {
      closest = ratio;
      tolerance = allowed;
      if (!(ratio <= 1)) worst = { index, got: have, expected: want };
    }
  }
  return { passed: worst === undefined, maxError, tolerance, ...(worst && { worst }) };
}
