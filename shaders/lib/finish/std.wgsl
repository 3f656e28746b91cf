// The standard deviation, from moments (reduce/moments.wgsl).
fn finish(state: State, divisor: f32) -> Out {
  return Out(sqrt(squaredDistances(state) / divisor));
}
