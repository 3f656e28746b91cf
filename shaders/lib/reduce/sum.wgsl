// The operator of sums: what an invocation carries, what it starts from, what an element is to it, and how two states
// become one. Acc is the type that is added in.
alias State = Acc;

fn identity() -> State {
  return State();
}

fn lift(x: Acc, index: u32) -> State {
  return x;
}

fn combine(a: State, b: State) -> State {
  return a + b;
}
