// The state as it is, for a later pass to combine with others.
alias Out = State;

fn finish(state: State, count: u32, divisor: f32) -> Out {
  return state;
}
