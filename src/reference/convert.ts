import type { DType } from '../tensor.ts';
import type { PerBatchAxis } from './matmul.ts';

/** `y[i] = x[offset + position of the i-th element of a grid]`, converted to another type, the last axis padded with zeros. */
export interface ConvertProblem {
  readonly from: DType;
  readonly to: DType;
  /** Sizes of the grid, outermost first, 1 for axes that are not used. */
  readonly dims: PerBatchAxis;
  /** In elements of x. */
  readonly strides: PerBatchAxis;
  /** Elements of the last axis that x has; those behind are zeros. */
  readonly valid: number;
  readonly offset: number;
  /** Of all of x. */
  readonly elements: number;
}

const INTEGERS: ReadonlySet<DType> = new Set(['i8', 'i32', 'u32']);

/** What becomes of a number; none where there is no conversion: from floats to integers. */
export function conversion(from: DType, to: DType): ((value: number) => number) | undefined {
  if (!INTEGERS.has(to)) return (value) => value;
  if (!INTEGERS.has(from)) return undefined;
  if (to === 'i8') return (value) => Math.min(127, Math.max(-128, from === 'u32' ? value | 0 : value));
  return to === 'u32' ? (value) => value >>> 0 : (value) => value | 0;
}
