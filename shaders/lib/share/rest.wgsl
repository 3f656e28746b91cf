// What a product of split operands leaves to a kernel in full precision: rows and columns that could not be split.
//
// Expects: Tile (lib/tile), rowExponent, columnExponent, exponents4 and wereSplit (lib/exponents.wgsl), NOT_SPLIT.

// Whether a tile of `height` rows and `width` columns has anything for this kernel to make.
fn takesAny(tile: Tile, height: u32, width: u32) -> bool {
  var any = false;
  for (var row = 0u; row < height; row++) {
    any |= rowExponent(tile, tile.i0 + row) == NOT_SPLIT;
  }
  for (var column = 0u; column < width; column++) {
    any |= columnExponent(tile, tile.j0 + column) == NOT_SPLIT;
  }
  return any;
}

// Whether elements (i, j) to (i, j + 3) are this kernel's to make.
fn takes(tile: Tile, i: u32, j: u32) -> bool {
  return !wereSplit(exponents4(tile, i, j));
}
