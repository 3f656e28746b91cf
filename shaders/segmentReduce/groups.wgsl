// y[s, j] = finish(combine over offsets[s] <= i < offsets[s + 1] of lift(x[i, j])), for x in [length, inner].
//
// LANES invocations make one result, each of every LANES-th element; a workgroup makes ROWS of them.
//
// Expects: Elem, Acc, Out; LANES, ROWS; workgroupIndex, an operator (lib/reduce), finish, groupReduce.

struct Params {
  // segments * inner.
  results: u32,
  inner: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Elem>;
@group(0) @binding(2) var<storage, read> offsets: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<Out>;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let lane = place % LANES;
  let result = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  let segment = result / params.inner;
  var state = identity();
  var count = 0u;
  if (result < params.results) {
    let begin = offsets[segment];
    let end = offsets[segment + 1u];
    count = end - begin;
    for (var i = begin + lane; i < end; i += LANES) {
      state = combine(state, lift(Acc(x[i * params.inner + result % params.inner]), i));
    }
  }
  let whole = groupReduce(state, invocation);
  if (lane == 0u && result < params.results) {
    y[result] = finish(whole, count, f32(count));
  }
}
