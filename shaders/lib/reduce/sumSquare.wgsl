// The operator of sums of squares.
alias State = Acc;

fn identity() -> State {
  return State();
}

fn lift(x: Acc, index: u32) -> State {
  return x * x;
}

fn combine(a: State, b: State) -> State {
  return a + b;
}
