// x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) = x * sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)): Hendrycks and
// Gimpel, "Gaussian Error Linear Units", arXiv 1606.08415. The sigmoid form neither cancels nor overflows.
fn activate(x: f32) -> f32 {
  let u = 1.5957691216057308 * (x + 0.044715 * x * x * x);
  // Below -87 it is 0 but for 1e-37, also of an infinite x (see sigmoid.wgsl).
  let value = x / (1.0 + exp(-clamp(u, -87.0, 87.0)));
  return select(value, 0.0, u < -87.0);
}
