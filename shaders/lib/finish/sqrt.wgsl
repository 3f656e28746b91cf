// The root of a sum of squares.
fn finish(state: State, count: u32, divisor: f32) -> Out {
  return Out(sqrt(state));
}
