// A slice of x is bound: what it adds to the states of results is stored, for finish.wgsl. Slices come in order, one dispatch each.
//
// Expects: Params (segmentReduce/groups.wgsl), an operator (lib/reduce). Declares binding 3.
@group(0) @binding(3) var<storage, read_write> soFar: array<State>;

// Where the element i is among those that are bound, or the nearest that is; past the last for what comes after.
fn placeIn(i: u32) -> u32 {
  return clamp(i, params.first, params.first + params.elements) - params.first;
}

fn storeSegment(result: u32, state: State, count: u32) {
  if (params.first == 0u) {
    soFar[result] = state;
  } else {
    soFar[result] = combine(soFar[result], state);
  }
}
