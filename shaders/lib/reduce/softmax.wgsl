// The operator of softmax: x is the largest number so far, y the sum of exp(number - x) over all numbers so far, and a
// larger number rescales the sum (Milakov and Gimelshein, "Online normalizer calculation for softmax", arXiv 1805.02867).
//
// It starts from the lowest finite number rather than -infinity, so that nothing subtracts infinity from itself: a row
// of -infinity alone keeps a sum of 0, and a NaN or +infinity makes the sum NaN.
alias State = vec2<f32>;

const LOWEST: f32 = -3.4028234663852886e38;

fn identity() -> State {
  return State(LOWEST, 0.0);
}

fn combine(a: State, b: State) -> State {
  let largest = max(a.x, b.x);
  return State(largest, a.y * exp(a.x - largest) + b.y * exp(b.x - largest));
}
