// c[b, i, j] = what `emit4` makes of the sum over p of a[b, i, p] * b[b, p, j], with sums in `Total`, for few rows i, where
// neighbours along k are neighbours in memory in both operands: each element of c is a dot product of two lines.
//
// LANES neighbouring invocations share 4 columns of c and VECTORS rows of it; a workgroup has ROWS such groups. Each
// invocation takes 8 elements of every line at a time, 8 to 32 bytes, and the next LANES * 8 further on. Every element
// of b is read once for VECTORS rows: the kernel is as fast as the memory.
//
// Expects: Total, f32 or i32; VECTORS; LANES and ROWS (lib/groupReduce); Params (params.wgsl), workgroupIndex, tileOf,
// columnOf, loadA8, loadB8, dot8, remaining, emit4, groupReduce.

const COLUMNS: u32 = 4u;

alias State = vec4<Total>;

fn combine(a: State, b: State) -> State {
  return a + b;
}

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let lane = place % LANES;
  let group = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  let tile = tileOf(group, VECTORS, COLUMNS);
  let j = tile.j0;

  var sums: array<State, VECTORS>;
  // Groups beyond the last do nothing, but take part in the barriers below.
  if (tile.exists) {
    var lines: array<u32, COLUMNS>;
    for (var column = 0u; column < COLUMNS; column++) {
      lines[column] = tile.bStart + columnOf(j + column) * params.strideBj;
    }
    for (var p = tile.pBegin + lane * 8u; p < tile.pEnd; p += LANES * 8u) {
      let b0 = loadB8(lines[0] + p, remaining(j, params.n, p, tile.pEnd));
      let b1 = loadB8(lines[1] + p, remaining(j + 1u, params.n, p, tile.pEnd));
      let b2 = loadB8(lines[2] + p, remaining(j + 2u, params.n, p, tile.pEnd));
      let b3 = loadB8(lines[3] + p, remaining(j + 3u, params.n, p, tile.pEnd));
      for (var v = 0u; v < VECTORS; v++) {
        let i = tile.i0 + v;
        let a8 = loadA8(tile.aStart + i * params.strideAi + p, remaining(i, tile.iEnd, p, tile.pEnd));
        sums[v] += State(dot8(a8, b0), dot8(a8, b1), dot8(a8, b2), dot8(a8, b3));
      }
    }
  }
  for (var v = 0u; v < VECTORS; v++) {
    let whole = groupReduce(sums[v], invocation);
    if (lane == v % LANES && tile.exists) {
      emit4(tile, tile.i0 + v, j, whole);
    }
  }
}
