// The exact sum (reduce/exactSum.wgsl) over the number of elements, rounded once.
fn finish(state: State, count: u32, divisor: f32) -> Out {
  return quotient(state, count);
}
