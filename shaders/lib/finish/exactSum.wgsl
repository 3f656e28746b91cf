// The exact sum (reduce/exactSum.wgsl), rounded once.
fn finish(state: State, count: u32, divisor: f32) -> Out {
  return quotient(state, 1u);
}
