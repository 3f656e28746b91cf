// The state as it is, for a later pass to combine with others.
alias Out = State;

fn finish(state: State, divisor: f32) -> Out {
  return state;
}
