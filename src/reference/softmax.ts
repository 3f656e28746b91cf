/**
 * `y[o, i, j] = exp(x[o, i, j] - m) / sum over i' of exp(x[o, i', j] - m)` with m the largest x[o, i', j], for x in
 * [outer, length, inner]; or the logarithm of that.
 */
export interface SoftmaxProblem {
  /** Whether results are logarithms. */
  readonly log: boolean;
  readonly dtype: 'f32' | 'f16';
  readonly outer: number;
  /** Elements that share a sum. */
  readonly length: number;
  /** Distance in elements between them. */
  readonly inner: number;
}

/** The definition of softmax, in f64. Rows with a NaN or +infinity, and rows of -infinity alone, become NaN. */
export function softmaxReference(
  { log, outer, length, inner }: SoftmaxProblem,
  x: Float64Array,
): Float64Array {
  const y = new Float64Array(x.length);
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < inner; j++) {
      const start = o * length * inner + j;
      let largest = -Infinity;
      for (let i = 0; i < length; i++) largest = Math.max(largest, x[start + i * inner]!);
      let sum = 0;
      for (let i = 0; i < length; i++) {
        sum += Math.exp(x[start + i * inner]! - largest);
      }
      for (let i = 0; i < length; i++) {
        const distance = x[start + i * inner]! - largest;
        y[start + i * inner] = log ? distance - Math.log(sum) : Math.exp(distance) / sum;
      }
    }
  }
  return y;
}

/**
 * The gradient of a softmax y for the gradient dy of its result, in f64: `dx = y (dy - sum of y dy)` along the axis; for a
 * logarithm `dx = dy - exp(y) sum of dy`.
 */
export function softmaxBackwardReference(
  { log, outer, length, inner }: SoftmaxProblem,
  y: Float64Array,
  dy: Float64Array,
): Float64Array {
  const dx = new Float64Array(y.length);
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < inner; j++) {
      const start = o * length * inner + j;
      let sum = 0;
      for (let i = 0; i < length; i++) {
        const at = start + i * inner;
        sum += log ? dy[at]! : y[at]! * dy[at]!;
      }
      for (let i = 0; i < length; i++) {
        const at = start + i * inner;
        dx[at] = log ? dy[at]! - Math.exp(y[at]!) * sum : y[at]! * (dy[at]! - sum);
      }
    }
  }
  return dx;
}
