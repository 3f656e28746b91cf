// The logarithm of the sum that is relative to the largest number (reduce/logSumExp.wgsl).
fn finish(state: State, divisor: f32) -> Out {
  return Out(state.x + log(state.y));
}
