// statistics[part] = how many elements of s = x + residual a part of a slice has, their mean (0 where none is taken off), and the sum of
// the squares of what is left: the first of two passes over a row that is longer than can be bound, see sliceParams.wgsl.
//
// LANES invocations make one part, a workgroup ROWS of them.
//
// Expects: LANES, ROWS; Params, workgroupIndex, quadOf (lib/quad), rowMoments, groupReduce.

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
  let moments = rowMoments(first, end - begin, end, invocation);
  if (place % LANES == 0u && task < params.parts) {
    statistics[params.firstPart + task] = vec4<f32>(f32(end - begin), moments.mean, moments.squares, 0.0);
  }
}
