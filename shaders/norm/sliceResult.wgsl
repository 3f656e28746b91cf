// y = (s - mean) / deviation * scale + bias with s = x + residual for the elements of a slice, from the totals of each row: the last pass
// over rows that are longer than can be bound, see sliceStatistics.wgsl.
//
// LANES invocations make one part of one row, a workgroup ROWS of them.
//
// Expects: LANES, ROWS; Params (sliceParams.wgsl), workgroupIndex, quadOf and loadQuad (lib/quad), addResidual (lib/quadResidual),
// storeQuad (lib/quadStore), scaled and biased (lib/affine), storeSum (lib/residualSum), enterRow and positionsOf (lib/rowPositions),
// placeOf (lib/groupReduce).

alias Acc = f32;

// Mean and 1 / deviation.
@group(0) @binding(7) var<storage, read> totals: array<vec2<f32>>;

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
  enterRow(row);
  let begin = min(part * params.partLength, params.length);
  let end = min(begin + params.partLength, params.length);
  for (var first = begin; first < end; first += 4u * LANES) {
    let own = first + quadOf(place % LANES, LANES);
    let wanted = own < vec4<u32>(end);
    let r = min(own, vec4<u32>(end - 1u));
    let at = positionsOf(r);
    let s = addResidual(loadQuad(at), at);
    let channels = params.firstChannel + (params.firstElement + r) / params.spatial;
    storeQuad(at, wanted, biased(scaled((s - total.x) * total.y, channels), channels));
    storeSum(at, wanted, s);
  }
}
