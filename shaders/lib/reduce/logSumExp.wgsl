// The operator of log(sum of exp): x is the largest number so far, y the sum of exp(number - x), as for softmax.
//
// x stays finite, so that nothing subtracts infinity from itself: -infinity adds exp(-infinity - LOWEST) = 0, +infinity adds
// exp(+infinity + LOWEST), infinity again, and NaN makes the sum NaN.
//
// Expects: expOrNan.
alias State = vec2<f32>;

const LOWEST: f32 = -3.4028234663852886e38;

fn identity() -> State {
  return State(LOWEST, 0.0);
}

fn lift(x: Acc, index: u32) -> State {
  let finite = clamp(x, LOWEST, -LOWEST);
  return State(finite, expOrNan(x - finite));
}

fn combine(a: State, b: State) -> State {
  // Only the smaller of the two is rescaled.
  let rescale = exp(-abs(a.x - b.x));
  return select(State(b.x, b.y + a.y * rescale), State(a.x, a.y + b.y * rescale), a.x >= b.x);
}
