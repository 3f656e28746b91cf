// max(x, 0), written so that NaN passes through: WGSL's max may return either operand.
fn activate(x: f32) -> f32 {
  return select(x, 0.0, x < 0.0);
}
