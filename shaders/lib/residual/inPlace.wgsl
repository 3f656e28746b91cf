// What is added to a product after its activation where the result takes its place: what the result's elements hold before.
//
// Expects: COLUMNS_PER_RESULT: 2 for a gated product, else 1; Params (matmul/params.wgsl), Tile (lib/tile), remaining,
// loadC4 (lib/result).
fn residual4(tile: Tile, i: u32, j: u32) -> vec4<f32> {
  return loadC4(
    tile.cStart + i * params.strideCi + j,
    remaining(i, tile.iEnd, j, params.n / COLUMNS_PER_RESULT),
  );
}
