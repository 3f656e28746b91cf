// x * sigmoid(x), which is 0 below -87 but for 2e-36 (see sigmoid.wgsl).
fn activate(x: f32) -> f32 {
  let value = x / (1.0 + exp(-clamp(x, -87.0, 87.0)));
  return select(value, 0.0, x < -87.0);
}
