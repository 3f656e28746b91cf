// The index that goes with the largest key.
fn finish(state: State, divisor: f32) -> Out {
  return state.y;
}
