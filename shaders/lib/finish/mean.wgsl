// The mean, where `divisor` is the number of elements; of none it is 0 / 0, NaN.
fn finish(state: State, count: u32, divisor: f32) -> Out {
  return Out(state / divisor);
}
