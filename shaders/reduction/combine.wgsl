// y[o] = result of (combine over p of partials[o, p]): the second pass of a reduction that was cut into parts, whose states
// partials [kept, split] holds.
//
// LANES invocations make one result; a workgroup makes ROWS of them.
//
// Expects: Out; LANES, ROWS; workgroupIndex, an operator (lib/reduce), storeResult, groupReduce.

struct Params {
  // Results, and parts of each.
  kept: u32,
  split: u32,
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
    for (var part = lane; part < params.split; part += LANES) {
      state = combine(state, partials[o * params.split + part]);
    }
  }
  let whole = groupReduce(state, invocation);
  if (lane == 0u && o < params.kept) {
    storeResult(o, whole, params.reduced, params.divisor);
  }
}
