// The logarithm of a sum.
fn finish(state: State, count: u32, divisor: f32) -> Out {
  return Out(log(state));
}
