// What becomes of four neighbouring sums of integers where they are the result themselves: those inside the tile's rows and
// the product's columns are stored.
//
// Expects: Params (matmul/params.wgsl), Tile (lib/tile), remaining, storeC4.
fn emit4(tile: Tile, i: u32, j: u32, sums: vec4<i32>) {
  storeC4(tile.cStart + i * params.strideCi + j, remaining(i, tile.iEnd, j, params.n), sums);
}
