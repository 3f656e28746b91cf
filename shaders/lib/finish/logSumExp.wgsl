// The logarithm of the sum that is relative to the largest number (reduce/logSumExp.wgsl).
fn finish(state: State, count: u32, divisor: f32) -> Out {
  return Out(state.x + log(state.y));
}
