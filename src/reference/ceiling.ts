/** `x[i] ^ x[i + length] ^ x[i + 2 length] ^ …` as unsigned 32-bit integers, for i below `length`. */
export function xorReference(x: Float64Array, length: number): Float64Array {
  const y = new Float64Array(length);
  for (let i = 0; i < x.length; i++) y[i % length] = (y[i % length]! ^ x[i]!) >>> 0;
  return y;
}

/** `x` after `steps` times `x = x * multiplier + addend`, element by element. */
export function fmaChainReference(
  x: Float64Array,
  { steps, multiplier, addend }: FmaChainParameters,
): Float64Array {
  return x.map((start) => {
    let value = start;
    for (let step = 0; step < steps; step++) value = value * multiplier + addend;
    return value;
  });
}

/** `x` after `steps` times `x = x + the dot product of x's four bytes and those of factors`, modulo 2^32. */
export function dotChainReference(
  x: Float64Array,
  { steps, factors }: { readonly steps: number; readonly factors: number },
): Float64Array {
  return x.map((start) => {
    let value = start;
    for (let step = 0; step < steps; step++) value = (value + dotOfBytes(value, factors)) | 0;
    return value;
  });
}

/** The dot product of two integers of 32 bits as four signed bytes each. */
function dotOfBytes(a: number, b: number): number {
  let sum = 0;
  for (const shift of [0, 8, 16, 24]) sum += ((a << shift) >> 24) * ((b << shift) >> 24);
  return sum;
}

/** A recurrence that contracts: the multiplier is below 1 in magnitude, so rounding errors do not pile up. */
export interface FmaChainParameters {
  readonly steps: number;
  readonly multiplier: number;
  readonly addend: number;
}

/** Sizes of a matrix product. */
export interface MatrixShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** `c[t] + steps * a b` for as many m x n tiles as `c` holds; all row-major. */
export function matrixChainReference(
  { m, n, k }: MatrixShape,
  steps: number,
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
): Float64Array {
  const product = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let p = 0; p < k; p++)
      for (let j = 0; j < n; j++) product[i * n + j]! += a[i * k + p]! * b[p * n + j]!;
  return c.map((start, index) => start + steps * product[index % (m * n)]!);
}
