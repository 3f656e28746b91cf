// y[o, i] = exp(x[o, i] - m) / sum over i' of exp(x[o, i'] - m), with m the largest x[o, i'], or the logarithm of that: rows
// without gaps, of any length.
//
// LANES invocations make one row, a workgroup ROWS of them. They read the row twice: once for its maximum and its sum,
// rescaling the sum whenever the maximum grows, and once for the result. An invocation has 16 elements in flight.
//
// Expects: Elem; LANES, ROWS; Params (params.wgsl), workgroupIndex, quadOf and loadQuad (lib/quad), storeQuad
// (lib/quadStore), the operator of softmax (lib/reduce), groupReduce, expOrNan4, softmaxResult4.

alias Acc = f32;

// Elements that a group reads at a time.
const STRETCH: u32 = 16u * LANES;

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
