// The operator of maxima, and of minima where the order is reversed: the largest key (lib/order) of all elements.
alias State = u32;

fn identity() -> State {
  return 0u;
}

fn lift(x: Acc, index: u32) -> State {
  return orderKey(x);
}

fn combine(a: State, b: State) -> State {
  return max(a, b);
}
