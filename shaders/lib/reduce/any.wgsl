// The operator that tells whether an element differs from zero: 1 or 0. NaN differs, -0 does not; keys (lib/order) rather
// than floats are compared, because comparisons of floats may be compiled as if there were no NaN.
alias State = u32;

fn identity() -> State {
  return 0u;
}

fn lift(x: Acc, index: u32) -> State {
  return u32(rankKey(x) != rankKey(Acc()));
}

fn combine(a: State, b: State) -> State {
  return a | b;
}
