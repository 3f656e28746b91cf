// y[o, i] = exp(x[o, i] - m) / sum over i' of exp(x[o, i'] - m), with m the largest x[o, i'], or the logarithm of that: rows
// without gaps, of any length.
//
// LANES invocations make one row, a workgroup ROWS of them. They read the row twice: once for its maximum and its sum,
// rescaling the sum whenever the maximum grows, and once for the result. An invocation has 16 elements in flight.
//
// Expects: Elem; LANES, ROWS; Params (params.wgsl), workgroupIndex, quadOf (lib/quad), storeQuad (lib/quadStore),
// the operator of softmax (lib/reduce), groupReduce, reduceStretch and loadOrLowest (lib/softmaxStretch), softmaxResult4.

alias Acc = f32;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let row = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  let begin = min(row, params.rows - 1u) * params.length;
  let first = begin + quadOf(place % LANES, LANES);
  let end = begin + params.length;

  var state = identity();
  for (var offset = 0u; offset < params.length; offset += STRETCH) {
    state = combine(state, reduceStretch(first + offset, end));
  }
  let whole = groupReduce(state, invocation);
  if (row >= params.rows) {
    return;
  }
  for (var offset = 0u; offset < params.length; offset += 4u * LANES) {
    let at = first + offset;
    let wanted = at < vec4<u32>(end);
    storeQuad(at, wanted, softmaxResult4(loadOrLowest(at, end), vec4<f32>(whole.x), vec4<f32>(whole.y)));
  }
}
