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

/** The definition of conversion. Integers beyond the range of i8 become its end; between i32 and u32 they keep their bits. */
export function convertReference(problem: ConvertProblem, x: Float64Array): Float64Array {
  const { dims, strides, offset, from, to } = problem;
  const convert = conversion(from, to)!;
  const y = new Float64Array(dims.reduce((count, size) => count * size, 1));
  let index = 0;
  for (let i0 = 0; i0 < dims[0]; i0++)
    for (let i1 = 0; i1 < dims[1]; i1++)
      for (let i2 = 0; i2 < dims[2]; i2++)
        for (let i3 = 0; i3 < dims[3]; i3++) {
          if (i3 >= problem.valid) {
            y[index++] = 0;
            continue;
          }
          const at = offset + i0 * strides[0] + i1 * strides[1] + i2 * strides[2] + i3 * strides[3];
          y[index++] = convert(x[at]!);
        }
  return y;
}
