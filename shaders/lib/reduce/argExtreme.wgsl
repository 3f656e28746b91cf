// The operator of arg-reductions: the largest key (lib/order) and the smallest index that has it. The identity loses to
// every element, even to one of the same key.
alias State = vec2<u32>;

fn identity() -> State {
  return State(0u, 0xffffffffu);
}

fn lift(x: Acc, index: u32) -> State {
  return State(rankKey(x), index);
}

fn combine(a: State, b: State) -> State {
  return select(a, b, b.x > a.x || (b.x == a.x && b.y < a.y));
}
