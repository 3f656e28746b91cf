/** Functions applied to each element of a product, by name. `gelu` is exact (by erf), `geluTanh` its common approximation. */
export type Activation = 'none' | 'relu' | 'gelu' | 'geluTanh' | 'silu' | 'sigmoid' | 'tanh' | 'clip';

/** Bounds of `clip`. */
export type Limits = readonly [min: number, max: number];

export const ACTIVATIONS: Readonly<Record<Activation, (x: number, limits: Limits) => number>> = {
  none: (x) => x,
  relu: (x) => (x < 0 ? 0 : x),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  clip: (x, [min, max]) => (x < min ? min : x > max ? max : x),
  gelu: (x) => (x === -Infinity ? 0 : 0.5 * x * erfc(-x / Math.SQRT2)),
  // The form with tanh would lose the digits of small results to cancellation.
  geluTanh: (x) =>
    x === -Infinity ? 0 : x / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  silu: (x) => (x === -Infinity ? 0 : x / (1 + Math.exp(-x))),
};

/**
 * Complementary error function in f64 precision: its Taylor series of erf near zero, its continued fraction
 * elsewhere (Abramowitz and Stegun 1964, 7.1.5 and 7.1.14).
 */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x < 0) return 2 - erfc(-x);
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= -(x * x) / n;
      sum += term / (2 * n + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  if (x > 27) return 0;
  let fraction = x;
  for (let n = 120; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
