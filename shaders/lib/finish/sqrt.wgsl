// The root of a sum of squares.
fn finish(state: State, divisor: f32) -> Out {
  return Out(sqrt(state));
}
