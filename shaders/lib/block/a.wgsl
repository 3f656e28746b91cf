// A block of 4 x 4 elements of operand a of a product, zeros beyond its edges.
//
// Expects: A_ALONG_K: whether elements that are neighbours along k are neighbours in memory; Params (matmul/params.wgsl), Tile
// (lib/tile), Loaded, Block and blockOf (lib/blockProducts), loadA4, remaining.

// Elements (i, p) to (i + 3, p + 3).
fn blockOfA(tile: Tile, i: u32, p: u32) -> Block {
  var lines: Loaded;
  for (var line = 0u; line < 4u; line++) {
    if (A_ALONG_K) {
      let start = tile.aStart + (i + line) * params.strideAi;
      lines[line] = loadA4(start + p, remaining(i + line, tile.iEnd, p, tile.pEnd));
    } else {
      let start = tile.aStart + (p + line) * params.strideAp;
      lines[line] = loadA4(start + i, remaining(p + line, tile.pEnd, i, tile.iEnd));
    }
  }
  return blockOf(lines, A_ALONG_K);
}
