// The operator of means and variances: x is the number of elements so far, y their mean, z the sum of their squared distances
// from it. Two states are combined as Chan, Golub and LeVeque do ("Updating formulae and a pairwise algorithm for computing
// sample variances", 1979), which no offset common to all elements disturbs: elements that are all equal have a variance of 0.
alias State = vec3<f32>;

fn identity() -> State {
  return State();
}

fn lift(x: Acc, index: u32) -> State {
  return State(1.0, x, 0.0);
}

fn combine(a: State, b: State) -> State {
  let count = a.x + b.x;
  let share = b.x / max(count, 1.0);
  let distance = b.y - a.y;
  // From an infinity, and to one, there is no way; the mean is then what the sum is.
  let mean = select(a.y + distance * share, a.y + b.y, isNotFinite(distance));
  return State(count, mean, a.z + b.z + distance * distance * (a.x * share));
}

fn isNotFinite(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u;
}

// The mean, NaN where there are no elements.
fn meanOf(state: State) -> f32 {
  return select(state.y, notANumber(state.y), state.x == 0.0);
}

// The sum of squared distances from the mean, NaN where that is not finite.
fn squaredDistances(state: State) -> f32 {
  return select(state.z, notANumber(state.y), isNotFinite(state.y));
}

// WGSL refuses constants that are not numbers.
fn notANumber(x: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) | 0x7fc00000u);
}
