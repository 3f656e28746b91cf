// dx = (g - mean of g - n * mean of g n) / deviation for the elements of a slice, from the totals and the means of each row: the last pass
// over rows that are longer than can be bound, see sliceGradients.wgsl.
//
// LANES invocations make one part of one row, a workgroup ROWS of them.
//
// Expects: LANES, ROWS; CENTERED, whether means are taken off; Params (norm/sliceParams.wgsl), workgroupIndex, quadOf, loadPair and
// storeQuad (lib/pairAccess), scaled (lib/channelScale), enterRow and positionsOf (lib/rowPositions), placeOf (lib/groupReduce), for which it has the
// operator of pairs of sums (lib/reduce).

// Mean and 1 / deviation.
@group(0) @binding(5) var<storage, read> totals: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read> means: array<vec2<f32>>;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let task = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  let row = task % params.rows;
  let part = task / params.rows;
  if (part >= params.parts) {
    return;
  }
  let total = totals[params.firstRow + row];
  let shift = select(0.0, means[row].x, CENTERED);
  let slope = means[row].y;
  enterRow(row);
  let begin = min(part * params.partLength, params.length);
  let end = min(begin + params.partLength, params.length);
  for (var first = begin; first < end; first += 4u * LANES) {
    let own = first + quadOf(place % LANES, LANES);
    let r = min(own, vec4<u32>(end - 1u));
    let at = positionsOf(r);
    let pair = loadPair(at);
    let channels = params.firstChannel + (params.firstElement + r) / params.spatial;
    let n = (pair.a - total.x) * total.y;
    storeQuad(at, own < vec4<u32>(end), (scaled(pair.b, channels) - shift - n * slope) * total.y);
  }
}
