// 1 / (1 + exp(-x)). WGSL divides exactly enough by numbers up to 2^126, which exp(87) is below; beyond that the sigmoid is 1, or less
// than 2e-38 and taken for 0. NaN is told by its bits: clamp may drop it, and comparisons of floats may be compiled as if there
// were none.
fn activate(x: f32) -> f32 {
  let nan = (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
  let value = 1.0 / (1.0 + exp(-clamp(x, -87.0, 87.0)));
  return select(select(value, 0.0, x < -87.0), x, nan);
}
