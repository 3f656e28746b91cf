// statistics[part] = how many elements of s = x + residual a part of a slice has, their mean (0 where none is taken off), and the sum of
// the squares of what is left: the first of two passes over a row that is longer than can be bound, see sliceParams.wgsl.
//
// LANES invocations make one part, a workgroup ROWS of them.
//
// Expects: LANES, ROWS; CENTERED, whether the mean is taken off; Params, workgroupIndex, quadOf (lib/quad), loadItem and total
// (lib/normItem), the operator of sums (lib/reduce), groupReduce.

alias Acc = f32;

@group(0) @binding(7) var<storage, read_write> statistics: array<vec4<f32>>;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let task = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  // Invocations without a part read the last one, and store nothing.
  let begin = min(min(task, params.parts - 1u) * params.partLength, params.length);
  let end = min(begin + params.partLength, params.length);
  let first = begin + quadOf(place % LANES, LANES);
  let count = f32(end - begin);

  var mean = 0.0;
  if (CENTERED) {
    var sums = vec4<f32>();
    for (var offset = 0u; offset < params.partLength; offset += 4u * LANES) {
      sums += loadItem(first + offset, end);
    }
    mean = groupReduce(total(sums), invocation) / max(count, 1.0);
  }
  var squares = vec4<f32>();
  for (var offset = 0u; offset < params.partLength; offset += 4u * LANES) {
    let at = first + offset;
    let distance = select(vec4<f32>(), loadItem(at, end) - mean, at < vec4<u32>(end));
    squares += distance * distance;
  }
  let whole = groupReduce(total(squares), invocation);
  if (place % LANES == 0u && task < params.parts) {
    statistics[params.firstPart + task] = vec4<f32>(count, mean, whole, 0.0);
  }
}
