// c[b, i, j] = what `emit4` makes of the sum over s of partials[s, b, i, j]: the second pass of products that are cut along k,
// always summed in the same order.
//
// One invocation makes four neighbouring sums; a workgroup makes 16 x 64 of them.
//
// Expects: Total, f32 or i32; Params (params.wgsl), workgroupIndex, tileOf, columnOf, emit4.

const ROWS: u32 = 16u;
const QUADS: u32 = 16u;

@group(0) @binding(1) var<storage, read> partials: array<Total>;

@compute @workgroup_size(QUADS, ROWS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let tile = tileOf(workgroupIndex(workgroup, grid), ROWS, 4u * QUADS);
  let i = tile.i0 + local.y;
  let j = tile.j0 + 4u * local.x;
  // The tiles of the first slice stand for all.
  if (!tile.exists || tile.slice > 0u || i >= tile.iEnd || j >= params.n) {
    return;
  }
  var columns = vec4<u32>();
  for (var lane = 0u; lane < 4u; lane++) {
    columns[lane] = columnOf(min(j + lane, params.n - 1u));
  }
  var sums = vec4<Total>();
  for (var slice = 0u; slice < params.slices; slice++) {
    let at = ((slice * params.batches + tile.batch) * params.m + i) * params.n + columns;
    sums += vec4<Total>(partials[at.x], partials[at.y], partials[at.z], partials[at.w]);
  }
  emit4(tile, i, j, sums);
}
