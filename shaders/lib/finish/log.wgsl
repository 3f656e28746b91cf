// The logarithm of a sum.
fn finish(state: State, divisor: f32) -> Out {
  return Out(log(state));
}
