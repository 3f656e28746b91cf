// The index that goes with the largest key.
fn finish(state: State, count: u32, divisor: f32) -> Out {
  return state.y;
}
