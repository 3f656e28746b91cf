// An operator that the caller has given.
//
// Expects: identity(), combine(a, b) and elementOf(x), made of the caller's expressions.
alias State = Acc;

fn lift(x: Acc, index: u32) -> State {
  return elementOf(x);
}
