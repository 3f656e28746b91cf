// The operator of sums of absolute values.
alias State = Acc;

fn identity() -> State {
  return State();
}

fn lift(x: Acc, index: u32) -> State {
  return abs(x);
}

fn combine(a: State, b: State) -> State {
  return a + b;
}
