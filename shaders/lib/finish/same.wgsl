// The state itself, as it is stored.
fn finish(state: State, divisor: f32) -> Out {
  return Out(state);
}
