// 1 / (1 + exp(-x)). Beyond 80 it is 1, or less than 2e-35, and exp stays finite; of -infinity it is 0. NaN is told by its bits: clamp may drop it, and
// comparisons of floats may be compiled as if there were none.
fn activate(x: f32) -> f32 {
  let nan = (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
  let value = 1.0 / (1.0 + exp(-clamp(x, -80.0, 80.0)));
  return select(select(value, 0.0, x < -1e4), x, nan);
}
