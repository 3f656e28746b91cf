// All of x is bound: results are stored.
//
// Expects: Out; an operator (lib/reduce), finish. Declares binding 3.
@group(0) @binding(3) var<storage, read_write> y: array<Out>;

// Where the element i is among those that are bound, or the nearest that is.
fn placeIn(i: u32) -> u32 {
  return i;
}

fn storeSegment(result: u32, state: State, count: u32) {
  y[result] = finish(state, count, f32(count));
}
