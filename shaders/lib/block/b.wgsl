// A block of 4 x 4 elements of operand b of a product, zeros beyond its edges.
//
// Expects: B_ALONG_K: whether elements that are neighbours along k are neighbours in memory; Params (matmul/params.wgsl), Tile
// (lib/tile), Loaded, Block and blockOf (lib/blockProducts), columnOf, loadB4, remaining.

// Elements (p, j) to (p + 3, j + 3).
fn blockOfB(tile: Tile, p: u32, j: u32) -> Block {
  var lines: Loaded;
  for (var line = 0u; line < 4u; line++) {
    if (B_ALONG_K) {
      let start = tile.bStart + columnOf(j + line) * params.strideBj;
      lines[line] = loadB4(start + p, remaining(j + line, params.n, p, tile.pEnd));
    } else {
      let start = tile.bStart + (p + line) * params.strideBp;
      lines[line] = loadB4(start + j, remaining(p + line, tile.pEnd, j, params.n));
    }
  }
  return blockOf(lines, B_ALONG_K);
}
