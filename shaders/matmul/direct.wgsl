// c[b, i, j] = what `emit4` makes of the sum over p of a[b, i, p] * b[b, p, j], with sums in `Total`, straight from memory.
//
// An invocation makes THREAD_M rows of four neighbouring columns of c, a workgroup LANES_M x LANES_N such parts. There is no
// workgroup memory and no barrier, which suits small products, and processors: with LANES_M = 1 all invocations of a workgroup
// read the same elements of a, which a machine that computes with vectors then reads once for all of its lanes.
//
// Expects: Total, f32 or i32; THREAD_M, LANES_M, LANES_N; Params (params.wgsl), workgroupIndex, tileOf, blockOfB, addRow
// (lib/blockProducts), loadA4, remaining, emit4.

@compute @workgroup_size(LANES_M * LANES_N)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let tile = tileOf(workgroupIndex(workgroup, grid), LANES_M * THREAD_M, LANES_N * 4u);
  if (!tile.exists) {
    return;
  }
  // Constant where there is one lane, so that it is known to be the same for all invocations.
  let i0 = tile.i0 + select(index / LANES_N * THREAD_M, 0u, LANES_M == 1u);
  let j = tile.j0 + index % LANES_N * 4u;
  var sums: array<vec4<Total>, THREAD_M>;
  for (var p = tile.pBegin; p < tile.pEnd; p += 4u) {
    let b4 = blockOfB(tile, p, j);
    for (var row = 0u; row < THREAD_M; row++) {
      let i = i0 + row;
      let a4 = loadA4(tile.aStart + i * params.strideAi + p, remaining(i, tile.iEnd, p, tile.pEnd));
      sums[row] = addRow(sums[row], a4, b4);
    }
  }
  for (var row = 0u; row < THREAD_M; row++) {
    emit4(tile, i0 + row, j, sums[row]);
  }
}
