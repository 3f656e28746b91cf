// The index that goes with the largest key.
fn finish(state: State, count: u32) -> Out {
  return state.y;
}
