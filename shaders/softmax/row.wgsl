// y[o, i] = exp(x[o, i] - m) / sum over i' of exp(x[o, i'] - m), with m the largest x[o, i'], or the logarithm of that: rows
// without gaps.
//
// LANES invocations make one row, a workgroup ROWS of them. An invocation keeps its part of the row, up to 4 * ITEMS
// elements, in registers, so that x is read once. It makes the part's weights relative to the part's own maximum, and scales
// them when the row's maximum and sum are known.
//
// Expects: Elem; LANES, ROWS, ITEMS; Params (params.wgsl), workgroupIndex, quadOf and loadQuad (lib/quad), storeQuad
// (lib/quadStore), the operator of softmax (lib/reduce), groupReduce, expOrNan4, kept4 and
// resultOfKept4 (lib/softmaxResult).

alias Acc = f32;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let row = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  // Invocations without a row read the last one, and store nothing.
  let begin = min(row, params.rows - 1u) * params.length;
  let first = begin + quadOf(place % LANES, LANES);
  let end = begin + params.length;

  var kept: array<vec4<f32>, ITEMS>;
  var largest = LOWEST;
  for (var item = 0u; item < ITEMS; item++) {
    let at = first + item * 4u * LANES;
    kept[item] = select(vec4<f32>(LOWEST), loadQuad(min(at, vec4<u32>(end - 1u))), at < vec4<u32>(end));
    let pair = max(kept[item].xy, kept[item].zw);
    largest = max(largest, max(pair.x, pair.y));
  }
  var sums = vec4<f32>();
  for (var item = 0u; item < ITEMS; item++) {
    let at = first + item * 4u * LANES;
    let weight = select(vec4<f32>(), expOrNan4(kept[item] - largest), at < vec4<u32>(end));
    kept[item] = kept4(kept[item], weight);
    sums += weight;
  }
  let whole = groupReduce(State(largest, (sums.x + sums.y) + (sums.z + sums.w)), invocation);
  for (var item = 0u; item < ITEMS; item++) {
    let at = first + item * 4u * LANES;
    storeQuad(at, at < vec4<u32>(select(0u, end, row < params.rows)), resultOfKept4(kept[item], largest, whole.x, whole.y));
  }
}
