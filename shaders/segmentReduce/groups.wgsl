// y[s, j] = finish(combine over offsets[s] <= i < offsets[s + 1] of lift(x[i, j])), for x in [length, inner].
//
// LANES invocations make one result, each of every LANES-th element; a workgroup makes ROWS of them.
//
// Expects: Elem, Acc; LANES, ROWS; workgroupIndex, an operator (lib/reduce), groupReduce; placeIn and storeSegment (lib/segmentStretch).

struct Params {
  // segments * inner.
  results: u32,
  inner: u32,
  // Of the first axis of x, the first element that is bound, and how many are.
  first: u32,
  elements: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Elem>;
@group(0) @binding(2) var<storage, read> offsets: array<u32>;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let lane = place % LANES;
  let result = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  let segment = result / params.inner;
  var state = identity();
  var count = 0u;
  if (result < params.results) {
    count = offsets[segment + 1u] - offsets[segment];
    let begin = placeIn(offsets[segment]);
    let end = placeIn(offsets[segment + 1u]);
    let column = result % params.inner;
    var i = begin + lane;
    // Subtracted, since what is added to the end of 2^32 elements would not be.
    for (; i < end && end - i > 3u * LANES; i += 4u * LANES) {
      let a = x[i * params.inner + column];
      let b = x[(i + LANES) * params.inner + column];
      let c = x[(i + 2u * LANES) * params.inner + column];
      let d = x[(i + 3u * LANES) * params.inner + column];
      let ab = combine(lift(Acc(a), i), lift(Acc(b), i + LANES));
      let cd = combine(lift(Acc(c), i + 2u * LANES), lift(Acc(d), i + 3u * LANES));
      state = combine(state, combine(ab, cd));
    }
    for (; i < end; i += LANES) {
      state = combine(state, lift(Acc(x[i * params.inner + column]), i));
    }
  }
  let whole = groupReduce(state, invocation);
  if (lane == 0u && result < params.results) {
    storeSegment(result, whole, count);
  }
}
