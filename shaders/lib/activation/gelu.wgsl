// x * Phi(x) = x / 2 * (1 + erf(x / sqrt(2))), with erf by Abramowitz and Stegun (1964) 7.1.26: absolute error of erf
// at most 1.5e-7. The tail is computed as erfc, so that large negative x does not cancel.
fn activate(x: f32) -> f32 {
  let z = abs(x) * 0.70710678118654752;
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let polynomial =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let tail = 0.5 * polynomial * exp(-z * z);
  // An infinite x would multiply infinity by a tail of zero; exp underflows long before.
  let negative = select(x * tail, 0.0, x < -1e4);
  return select(negative, x * (1.0 - tail), !(x < 0.0));
}
