// x * sigmoid(x). Beyond 80 the sigmoid is 0 or 1 in f32, and exp stays finite.
fn activate(x: f32) -> f32 {
  let value = x / (1.0 + exp(-clamp(x, -80.0, 80.0)));
  return select(value, 0.0, x < -1e4);
}
