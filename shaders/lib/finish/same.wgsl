// The state itself, as it is stored.
fn finish(state: State, count: u32, divisor: f32) -> Out {
  return Out(state);
}
