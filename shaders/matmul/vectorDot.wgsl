// c[b, i, j] = what `emit4` makes of the sum over p of a[b, i, p] * b[b, p, j], with sums in `Total`, for few rows i, where
// neighbours along k are neighbours in memory in both operands: each element of c is a dot product of two lines.
//
// LANES neighbouring invocations share 4 columns of c and VECTORS rows of it; a workgroup has ROWS such groups. Each
// invocation takes a piece of every line at a time, 8 to 32 bytes of b, and the next LANES pieces further on. Every element
// of b is read once for VECTORS rows: the kernel is as fast as the memory.
//
// Expects: Total, f32 or i32; VECTORS; LANES and ROWS (lib/groupReduce); Params (params.wgsl), workgroupIndex, tileOf,
// columnOf, loadA8; PIECE, a multiple of 8, loadPieceB, pieceB8, pieceFactor (lib/pieceB); dot8, remaining, emit4, groupReduce.

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
    for (var p0 = tile.pBegin + lane * PIECE; p0 < tile.pEnd; p0 += LANES * PIECE) {
      let piece0 = loadPieceB(lines[0] + p0, remaining(j, params.n, p0, tile.pEnd));
      let piece1 = loadPieceB(lines[1] + p0, remaining(j + 1u, params.n, p0, tile.pEnd));
      let piece2 = loadPieceB(lines[2] + p0, remaining(j + 2u, params.n, p0, tile.pEnd));
      let piece3 = loadPieceB(lines[3] + p0, remaining(j + 3u, params.n, p0, tile.pEnd));
      let factors = State(pieceFactor(piece0), pieceFactor(piece1), pieceFactor(piece2), pieceFactor(piece3));
      for (var part = 0u; part < PIECE / 8u; part++) {
        let p = p0 + part * 8u;
        let b0 = pieceB8(piece0, part);
        let b1 = pieceB8(piece1, part);
        let b2 = pieceB8(piece2, part);
        let b3 = pieceB8(piece3, part);
        for (var v = 0u; v < VECTORS; v++) {
          let i = tile.i0 + v;
          let a8 = loadA8(tile.aStart + i * params.strideAi + p, remaining(i, tile.iEnd, p, tile.pEnd));
          sums[v] += factors * State(dot8(a8, b0), dot8(a8, b1), dot8(a8, b2), dot8(a8, b3));
        }
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
