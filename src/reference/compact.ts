import type { ArithmeticType } from './arithmetic.ts';

/** Keeps the elements whose mask is not zero, in their order: their values, or their positions. Zeros fill up the rest. */
export interface CompactProblem {
  /** Type of the elements whose values are kept, or undefined where positions are. */
  readonly dtype?: ArithmeticType | undefined;
  readonly mask: ArithmeticType;
  /** Elements of the mask. */
  readonly length: number;
}

/** The definition of compaction: what is kept, and how much of it there is. NaN is not zero. */
export function compactReference(
  { dtype, length }: CompactProblem,
  inputs: readonly Float64Array[],
): Float64Array[] {
  const mask = inputs.at(-1)!;
  const y = new Float64Array(length);
  let count = 0;
  for (let i = 0; i < length; i++) {
    if (mask[i] !== 0) y[count++] = dtype ? inputs[0]![i]! : i;
  }
  return [y, Float64Array.of(count)];
}
