// The operator of two sums at once.
alias State = vec2<f32>;

fn identity() -> State {
  return State();
}

fn combine(a: State, b: State) -> State {
  return a + b;
}
