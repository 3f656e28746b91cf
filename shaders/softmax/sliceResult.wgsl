// y[i, j] = exp(x[i, j] - m) / sum for the rows of a slice, with the maximum m and the sum of column j, or the logarithm of that: the last of
// three passes, see sliceStates.wgsl.
//
// A workgroup makes one part of 4 * COLUMNS columns, an invocation four of them.
//
// Expects: Elem; COLUMNS; Params (sliceParams.wgsl), workgroupIndex, quadOf and loadQuad (lib/quad), storeQuad (lib/quadStore),
// softmaxResult4.

alias Acc = f32;

@group(0) @binding(3) var<storage, read> totals: array<vec2<f32>>;

@compute @workgroup_size(COLUMNS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) place: u32,
) {
  let task = workgroupIndex(workgroup, grid);
  let tiles = (params.inner + 4u * COLUMNS - 1u) / (4u * COLUMNS);
  let part = task / tiles;
  if (part >= params.parts) {
    return;
  }
  let columns = task % tiles * 4u * COLUMNS + quadOf(place, COLUMNS);
  let valid = min(columns, vec4<u32>(params.inner - 1u));
  let a = totals[valid.x];
  let b = totals[valid.y];
  let c = totals[valid.z];
  let d = totals[valid.w];
  let largest = vec4<f32>(a.x, b.x, c.x, d.x);
  let sum = vec4<f32>(a.y, b.y, c.y, d.y);
  let begin = min(part * params.partLength, params.length);
  let end = min(begin + params.partLength, params.length);
  for (var i = begin; i < end; i++) {
    let at = valid + i * params.inner;
    storeQuad(at, columns < vec4<u32>(params.inner), softmaxResult4(loadQuad(at), largest, sum));
  }
}
