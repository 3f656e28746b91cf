// The operator that tells whether all elements differ from zero: 1 or 0. See any.wgsl for what differs.
alias State = u32;

fn identity() -> State {
  return 1u;
}

fn lift(x: Acc, index: u32) -> State {
  return u32(rankKey(x) != rankKey(Acc()));
}

fn combine(a: State, b: State) -> State {
  return a & b;
}
