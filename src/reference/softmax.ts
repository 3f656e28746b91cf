/**
 * `y[o, i, j] = exp(x[o, i, j] - m) / sum over i' of exp(x[o, i', j] - m)` with m the largest x[o, i', j], for x in
 * [outer, length, inner].
 */
export interface SoftmaxProblem {
  readonly dtype: 'f32' | 'f16';
  readonly outer: number;
  /** Elements that share a sum. */
  readonly length: number;
  /** Distance in elements between them. */
  readonly inner: number;
}

/** The definition of softmax, in f64. Rows with a NaN or an infinity, and rows of -infinity alone, become NaN. */
export function softmaxReference({ outer, length, inner }: SoftmaxProblem, x: Float64Array): Float64Array {
  const y = new Float64Array(x.length);
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < inner; j++) {
      const start = o * length * inner + j;
      let largest = -Infinity;
      for (let i = 0; i < length; i++) largest = Math.max(largest, x[start + i * inner]!);
      let sum = 0;
      for (let i = 0; i < length; i++) {
        const weight = Math.exp(x[start + i * inner]! - largest);
        y[start + i * inner] = weight;
        sum += weight;
      }
      for (let i = 0; i < length; i++) y[start + i * inner]! /= sum;
    }
  }
  return y;
}
