// The variance, from moments (reduce/moments.wgsl).
fn finish(state: State, divisor: f32) -> Out {
  return Out(squaredDistances(state) / divisor);
}
