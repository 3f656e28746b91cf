// sums[part, row] = the sums of g and g n over a part of a row's stretch, with n = (x - mean) / deviation and g = dy * scale: the second pass
// over rows that are longer than can be bound, after that of norm/sliceStatistics.wgsl; see norm/sliceParams.wgsl.
//
// LANES invocations make one part of one row, a workgroup ROWS of them.
//
// Expects: LANES, ROWS; Params (norm/sliceParams.wgsl), workgroupIndex, quadOf and loadPair (lib/pairAccess), scaled (lib/channelScale),
// enterRow and positionsOf (lib/rowPositions), the operator of pairs of sums (lib/reduce), groupReduce.

// Mean and 1 / deviation.
@group(0) @binding(5) var<storage, read> totals: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read_write> sums: array<vec2<f32>>;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let task = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  let row = task % params.rows;
  let part = task / params.rows;
  let total = totals[params.firstRow + row];
  enterRow(row);
  // Invocations without a part read the last one, and store nothing.
  let begin = min(min(part, params.parts - 1u) * params.partLength, params.length);
  let end = min(begin + params.partLength, params.length);
  var gradients = vec4<f32>();
  var products = vec4<f32>();
  for (var first = begin; first < end; first += 4u * LANES) {
    let own = first + quadOf(place % LANES, LANES);
    let r = min(own, vec4<u32>(end - 1u));
    let pair = loadPair(positionsOf(r));
    let channels = params.firstChannel + (params.firstElement + r) / params.spatial;
    let wanted = own < vec4<u32>(end);
    let g = scaled(pair.b, channels);
    gradients += select(vec4<f32>(), g, wanted);
    products += select(vec4<f32>(), g * ((pair.a - total.x) * total.y), wanted);
  }
  let ones = vec4<f32>(1.0);
  let whole = groupReduce(State(dot(gradients, ones), dot(products, ones)), invocation);
  if (place % LANES == 0u && part < params.parts) {
    sums[(params.firstPart + part) * params.rows + row] = whole;
  }
}
