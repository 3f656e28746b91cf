// The maximum of 16 elements of a row and the sum of their weights, for each of LANES invocations that go along it together.
//
// Expects: LANES; loadQuad (lib/quad), the operator of softmax (lib/reduce), expOrNan4.

// Elements that the invocations read at a time.
const STRETCH: u32 = 16u * LANES;

// LOWEST for what is past the end.
fn loadOrLowest(at: vec4<u32>, end: u32) -> vec4<f32> {
  return select(vec4<f32>(LOWEST), loadQuad(min(at, vec4<u32>(end - 1u))), at < vec4<u32>(end));
}

// This invocation's 16 elements of a stretch.
fn reduceStretch(at: vec4<u32>, end: u32) -> State {
  let at1 = at + 4u * LANES;
  let at2 = at1 + 4u * LANES;
  let at3 = at2 + 4u * LANES;
  let a = loadOrLowest(at, end);
  let b = loadOrLowest(at1, end);
  let c = loadOrLowest(at2, end);
  let d = loadOrLowest(at3, end);
  let most = max(max(a, b), max(c, d));
  let largest = max(LOWEST, max(max(most.x, most.y), max(most.z, most.w)));
  let sums = (weightsOf(a, largest, at, end) + weightsOf(b, largest, at1, end)) +
    (weightsOf(c, largest, at2, end) + weightsOf(d, largest, at3, end));
  return State(largest, (sums.x + sums.y) + (sums.z + sums.w));
}

fn weightsOf(v: vec4<f32>, largest: f32, at: vec4<u32>, end: u32) -> vec4<f32> {
  return select(vec4<f32>(), expOrNan4(v - largest), at < vec4<u32>(end));
}
