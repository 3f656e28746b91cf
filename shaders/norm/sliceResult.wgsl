// y = (s - mean) / sqrt(variance + epsilon) * scale + bias for the elements of a slice, from the statistics of all parts of the row, whose
// means are at a distance from that of the row: the second of two passes, see sliceStatistics.wgsl.
//
// LANES invocations make one part, a workgroup ROWS of them.
//
// Expects: LANES, ROWS; CENTERED; Params (sliceParams.wgsl), workgroupIndex, quadOf (lib/quad), storeQuad (lib/quadStore), scaled and
// biased (lib/affine), storeSum (lib/residualSum), loadItem (lib/normItem), the operator of sums (lib/reduce), groupReduce.

alias Acc = f32;

@group(0) @binding(7) var<storage, read> statistics: array<vec4<f32>>;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let task = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  let rowLength = f32(params.rowLength);
  var mean = 0.0;
  if (CENTERED) {
    var sum = 0.0;
    for (var part = place % LANES; part < params.allParts; part += LANES) {
      sum += statistics[part].x * statistics[part].y;
    }
    mean = groupReduce(sum, invocation) / rowLength;
  }
  var squares = 0.0;
  for (var part = place % LANES; part < params.allParts; part += LANES) {
    let distance = statistics[part].y - mean;
    squares += statistics[part].z + statistics[part].x * distance * distance;
  }
  let variance = groupReduce(squares, invocation) / rowLength;
  let inverseDeviation = inverseSqrt(variance + params.epsilon);
  if (task >= params.parts) {
    return;
  }
  let begin = min(task * params.partLength, params.length);
  let end = min(begin + params.partLength, params.length);
  for (var offset = 0u; begin + offset < end; offset += 4u * LANES) {
    let at = begin + offset + quadOf(place % LANES, LANES);
    let wanted = at < vec4<u32>(end);
    let s = loadItem(at, end);
    let channels = params.firstChannel + (params.firstElement + min(at, vec4<u32>(end - 1u))) / params.spatial;
    storeQuad(at, wanted, biased(scaled((s - mean) * inverseDeviation, channels), channels));
    storeSum(at, wanted, s);
  }
}
