import { conversion, type ConvertProblem } from './convert.ts';

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
