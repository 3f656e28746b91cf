// y[o, r] = (s[o, r] - mean) / sqrt(variance + epsilon) * scale + bias with s = x + residual, over rows o without gaps; see
// params.wgsl. The variance takes a second pass over the row, which costs no reading where the row is kept (lib/rowCache).
//
// LANES invocations make one row, a workgroup ROWS of them. An invocation has 4 elements of every 4 * LANES.
//
// Expects: Elem; LANES, ROWS; CENTERED, whether the mean is taken off; SPATIAL, whether a channel has several elements; KEPT,
// whether later items are those of the first pass; Params (params.wgsl), workgroupIndex, quadOf and loadQuad (lib/quad), storeQuad (lib/quadStore), scaled and biased (lib/affine),
// storeSum (lib/residualSum), itemCount, firstItem and laterItem (lib/rowCache), the operator of sums
// (lib/reduce), groupReduce, loadItem and total (lib/normItem).

alias Acc = f32;
alias Item = vec4<f32>;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let row = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  // Invocations without a row read the last one, and store nothing.
  let begin = min(row, params.rows - 1u) * params.length;
  let first = begin + quadOf(place % LANES, LANES);
  let end = begin + params.length;
  let count = itemCount(params.length);

  var mean = 0.0;
  // Where nothing needs the sum, the pass is only there to keep the row.
  if (CENTERED || KEPT) {
    var sums = vec4<f32>();
    for (var item = 0u; item < count; item++) {
      sums += firstItem(item, first + item * 4u * LANES, end);
    }
    if (CENTERED) {
      mean = groupReduce(total(sums), invocation) / f32(params.length);
    }
  }
  var squares = vec4<f32>();
  for (var item = 0u; item < count; item++) {
    let at = first + item * 4u * LANES;
    let distance = select(vec4<f32>(), laterItem(item, at, end) - mean, at < vec4<u32>(end));
    squares += distance * distance;
  }
  let variance = groupReduce(total(squares), invocation) / f32(params.length);
  let inverseDeviation = inverseSqrt(variance + params.epsilon);

  let channel = (row % params.groups) * params.channels;
  for (var item = 0u; item < count; item++) {
    let at = first + item * 4u * LANES;
    let s = laterItem(item, at, end);
    let wanted = at < vec4<u32>(select(0u, end, row < params.rows));
    let channels = channel + channelsOf(min(at, vec4<u32>(end - 1u)) - begin);
    storeQuad(at, wanted, biased(scaled((s - mean) * inverseDeviation, channels), channels));
    storeSum(at, wanted, s);
  }
}

fn channelsOf(r: vec4<u32>) -> vec4<u32> {
  if (SPATIAL) {
    return r / params.spatial;
  }
  return r;
}
