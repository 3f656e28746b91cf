// y[o] = result of (combine over p of the states of o): the second pass of a reduction that was cut into parts, whose states
// partials holds: [kept, split], or slices of as much, params.stride apart.
//
// LANES invocations make one result; a workgroup makes ROWS of them.
//
// Expects: Out; LANES, ROWS; workgroupIndex, an operator (lib/reduce), storeResult, groupReduce.

struct Params {
  // Results, and parts of each, in each of the slices that have some of it.
  kept: u32,
  split: u32,
  perResult: u32,
  // Results that a slice has parts of.
  resultsEach: u32,
  // States from one slice to the next.
  stride: u32,
  // Elements that each result is made of.
  reduced: u32,
  // What means and variances divide by.
  divisor: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<State>;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let lane = place % LANES;
  let o = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  var state = identity();
  if (o < params.kept) {
    // Divisions are for results, not for parts.
    let begin = o / params.resultsEach * params.perResult * params.stride + o % params.resultsEach * params.split;
    for (var slice = 0u; slice < params.perResult; slice++) {
      for (var part = lane; part < params.split; part += LANES) {
        state = combine(state, partials[begin + slice * params.stride + part]);
      }
    }
  }
  let whole = groupReduce(state, invocation);
  if (lane == 0u && o < params.kept) {
    storeResult(o, whole, params.reduced, params.divisor);
  }
}
