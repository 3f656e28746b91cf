// statistics[part, row] = how many elements of s = x + residual a part of a row's stretch has, their mean (0 where none is taken off), and
// the sum of the squares of what is left: the first pass over rows that are longer than can be bound, see sliceParams.wgsl.
//
// LANES invocations make one part of one row, a workgroup ROWS of them.
//
// Expects: LANES, ROWS; Params, workgroupIndex, quadOf and loadQuad (lib/quad), addResidual (lib/quadResidual), enterRow and positionsOf
// (lib/rowPositions), rowMoments, the operator of sums (lib/reduce), groupReduce.

alias Acc = f32;

@group(0) @binding(7) var<storage, read_write> statistics: array<vec4<f32>>;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let task = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  let row = task % params.rows;
  let part = task / params.rows;
  // Invocations without a part read the last one, and store nothing.
  let begin = min(min(part, params.parts - 1u) * params.partLength, params.length);
  let end = min(begin + params.partLength, params.length);
  enterRow(row);
  let moments = rowMoments(begin + quadOf(place % LANES, LANES), end - begin, end, invocation);
  if (place % LANES == 0u && part < params.parts) {
    statistics[(params.firstPart + part) * params.rows + row] =
      vec4<f32>(f32(end - begin), moments.mean, moments.squares, 0.0);
  }
}

fn loadItem(r: vec4<u32>, end: u32) -> vec4<f32> {
  let at = positionsOf(min(r, vec4<u32>(end - 1u)));
  return addResidual(loadQuad(at), at);
}

fn valuesOf(item: vec4<f32>) -> vec4<f32> {
  return item;
}

fn rowSum(values: vec4<f32>, invocation: Invocation) -> f32 {
  return groupReduce(dot(values, vec4<f32>(1.0)), invocation);
}
