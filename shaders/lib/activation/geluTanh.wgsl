// x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) = x * sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)): Hendrycks and
// Gimpel, "Gaussian Error Linear Units", arXiv 1606.08415. The sigmoid form neither cancels nor overflows.
fn activate(x: f32) -> f32 {
  let u = 1.5957691216057308 * (x + 0.044715 * x * x * x);
  // Beyond 80 the sigmoid is 0 or 1 in f32, and exp stays finite.
  let value = x / (1.0 + exp(-clamp(u, -80.0, 80.0)));
  // An infinite argument would give NaN or the wrong sign of zero.
  return select(value, 0.0, x < -1e4);
}
