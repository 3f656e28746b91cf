// c[b, i, j] = what `emit4` makes of the sum over p of a[b, i, p] * b[b, p, j], with sums in `Total`.
//
// One invocation makes four neighbouring sums, reading their operands straight from memory; a workgroup makes 16 x 64 of
// them. Always legal, never fast: the kernel that the others are measured against.
//
// Expects: Total, f32 or i32; Params (params.wgsl), workgroupIndex, tileOf, columnOf, elementA, elementB, emit4.

const ROWS: u32 = 16u;
const QUADS: u32 = 16u;

@compute @workgroup_size(QUADS, ROWS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let tile = tileOf(workgroupIndex(workgroup, grid), ROWS, 4u * QUADS);
  let i = tile.i0 + local.y;
  // Neighbouring invocations take neighbouring columns, whose elements of b and c are neighbours in memory.
  let j = tile.j0 + 4u * local.x;
  if (!tile.exists || i >= tile.iEnd || j >= params.n) {
    return;
  }
  let aRow = tile.aStart + i * params.strideAi;
  var columns = vec4<u32>();
  for (var lane = 0u; lane < 4u; lane++) {
    columns[lane] = tile.bStart + columnOf(min(j + lane, params.n - 1u)) * params.strideBj;
  }
  var sums = vec4<Total>();
  for (var p = tile.pBegin; p < tile.pEnd; p++) {
    let at = columns + p * params.strideBp;
    let b4 = vec4<Total>(elementB(at.x), elementB(at.y), elementB(at.z), elementB(at.w));
    sums += elementA(aRow + p * params.strideAp) * b4;
  }
  emit4(tile, i, j, sums);
}
