import type { ArithmeticType } from './arithmetic.ts';

/** `y[b]` = the number of elements of x in bin b. */
export interface HistogramProblem {
  readonly dtype: ArithmeticType;
  /** Elements of x. */
  readonly length: number;
  readonly bins: number;
  /** From the lower edge of the first bin to the upper edge of the last, in f32; for floats alone. Integers are bins themselves. */
  readonly range?: readonly [low: number, high: number] | undefined;
}

/** Bins by the range's width, in f32. */
export function binsPerUnit({ bins, range = [0, 1] }: HistogramProblem): number {
  return Math.fround(bins / (range[1] - range[0]));
}
