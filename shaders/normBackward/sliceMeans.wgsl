// means[row] = the means of g and g n over a row, from the sums of all its parts: what comes before the last pass over the slices, see
// sliceGradients.wgsl; part 0 as in norm/sliceTotals.wgsl.
//
// LANES invocations make one row, a workgroup ROWS of them.
//
// Expects: LANES, ROWS; workgroupIndex, the operator of pairs of sums (lib/reduce), groupReduce.

struct Params {
  rows: u32,
  // Elements of a row so far, and the parts that they are in.
  length: u32,
  firstPart: u32,
  endPart: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> sums: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read_write> means: array<vec2<f32>>;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let task = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  // Invocations without a row read the last one, and store nothing.
  let row = min(task, params.rows - 1u);
  var own = vec2<f32>();
  for (var part = params.firstPart + place % LANES; part < params.endPart; part += LANES) {
    own += sums[part * params.rows + row];
  }
  let whole = groupReduce(own, invocation);
  if (place % LANES == 0u && task < params.rows) {
    sums[row] = whole;
    means[row] = whole / f32(params.length);
  }
}
