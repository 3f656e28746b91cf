// y[o, i] = exp(x[o, i] - m) / sum over i' of exp(x[o, i'] - m), with m the largest x[o, i']: rows without gaps.
//
// LANES invocations make one row, a workgroup ROWS of them. An invocation keeps its part of the row, up to 4 * ITEMS
// elements, in registers, so that x is read once. It makes the part's weights relative to the part's own maximum, and scales
// them when the row's maximum and sum are known.
//
// Expects: Elem; LANES, ROWS, ITEMS; Params (params.wgsl), workgroupIndex, quadOf and loadQuad (lib/quad), storeQuad
// (lib/quadStore), the operator of softmax (lib/reduce), groupReduce, expOrNan4.

alias Acc = f32;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let row = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  // Invocations without a row read the last one, and store nothing.
  let begin = min(row, params.rows - 1u) * params.length;
  let first = begin + quadOf(place % LANES, LANES);
  let end = begin + params.length;

  var weights: array<vec4<f32>, ITEMS>;
  var largest = LOWEST;
  for (var item = 0u; item < ITEMS; item++) {
    let at = first + item * 4u * LANES;
    weights[item] = select(vec4<f32>(LOWEST), loadQuad(min(at, vec4<u32>(end - 1u))), at < vec4<u32>(end));
    let pair = max(weights[item].xy, weights[item].zw);
    largest = max(largest, max(pair.x, pair.y));
  }
  var sums = vec4<f32>();
  for (var item = 0u; item < ITEMS; item++) {
    let at = first + item * 4u * LANES;
    weights[item] = select(vec4<f32>(), expOrNan4(weights[item] - largest), at < vec4<u32>(end));
    sums += weights[item];
  }
  let whole = groupReduce(State(largest, (sums.x + sums.y) + (sums.z + sums.w)), invocation);
  let scale = exp(largest - whole.x) / whole.y;
  for (var item = 0u; item < ITEMS; item++) {
    let at = first + item * 4u * LANES;
    storeQuad(at, at < vec4<u32>(select(0u, end, row < params.rows)), weights[item] * scale);
  }
}
