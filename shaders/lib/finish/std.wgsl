// The standard deviation, from moments (reduce/moments.wgsl).
fn finish(state: State, count: u32, divisor: f32) -> Out {
  return Out(sqrt(squaredDistances(state) / divisor));
}
