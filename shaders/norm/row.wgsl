// y[o, r] = (s[o, r] - mean) / sqrt(variance + epsilon) * scale + bias with s = x + residual, over rows o without gaps; see
// params.wgsl.
//
// LANES invocations make one row, a workgroup ROWS of them. An invocation has 4 elements of every 4 * LANES.
//
// Expects: Elem; LANES, ROWS; SPATIAL, whether a channel has several elements; Params
// (params.wgsl), workgroupIndex, quadOf (lib/quad), storeQuad (lib/quadStore), scaled and biased (lib/affine), storeSum
// (lib/residualSum), itemCount and laterItem (lib/rowCache), rowMoments, loadItem (lib/normItem).

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

  let moments = rowMoments(first, params.length, end, invocation);
  let inverseDeviation = inverseSqrt(moments.squares / f32(params.length) + params.epsilon);

  let channel = (row % params.groups) * params.channels;
  for (var item = 0u; item < itemCount(params.length); item++) {
    let at = first + item * 4u * LANES;
    let s = laterItem(item, at, end);
    let wanted = at < vec4<u32>(select(0u, end, row < params.rows));
    let channels = channel + channelsOf(min(at, vec4<u32>(end - 1u)) - begin);
    storeQuad(at, wanted, biased(scaled((s - moments.mean) * inverseDeviation, channels), channels));
    storeSum(at, wanted, s);
  }
}

fn channelsOf(r: vec4<u32>) -> vec4<u32> {
  if (SPATIAL) {
    return r / params.spatial;
  }
  return r;
}
