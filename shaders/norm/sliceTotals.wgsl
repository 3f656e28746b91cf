// totals[row] = mean and 1 / deviation of a row, from the statistics of all its parts, whose means are at a distance from that of the row:
// what comes between the passes over the slices, see sliceStatistics.wgsl. Where there is no room for the statistics of all slices at once,
// part 0 has what there was before, and gets what there is now.
//
// LANES invocations make one row, a workgroup ROWS of them.
//
// Expects: LANES, ROWS; CENTERED, whether the mean is taken off; workgroupIndex, the operator of sums (lib/reduce), groupReduce.

alias Acc = f32;

struct Params {
  // Rows, and the first's place among all whose totals there are.
  rows: u32,
  firstRow: u32,
  // Elements of a row so far, and the parts that they are in.
  length: u32,
  firstPart: u32,
  endPart: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> statistics: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> totals: array<vec2<f32>>;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let task = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  // Invocations without a row read the last one, and store nothing.
  let row = min(task, params.rows - 1u);
  let length = f32(params.length);
  var mean = 0.0;
  if (CENTERED) {
    var sum = 0.0;
    for (var part = params.firstPart + place % LANES; part < params.endPart; part += LANES) {
      let own = statistics[part * params.rows + row];
      sum += own.x * own.y;
    }
    mean = groupReduce(sum, invocation) / length;
  }
  var squares = 0.0;
  for (var part = params.firstPart + place % LANES; part < params.endPart; part += LANES) {
    let own = statistics[part * params.rows + row];
    let distance = own.y - mean;
    squares += own.z + own.x * distance * distance;
  }
  let whole = groupReduce(squares, invocation);
  if (place % LANES == 0u && task < params.rows) {
    statistics[row] = vec4<f32>(length, mean, whole, 0.0);
    totals[params.firstRow + row] = vec2<f32>(mean, inverseSqrt(whole / length + params.epsilon));
  }
}
