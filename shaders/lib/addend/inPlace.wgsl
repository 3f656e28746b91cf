// The matrix C of BLAS's alpha A B + beta C where the result takes its place: what the result's elements hold before.
//
// Expects: Params (matmul/params.wgsl), Tile (lib/tile), remaining, loadC4 (lib/result).
fn addend4(tile: Tile, i: u32, j: u32) -> vec4<f32> {
  return params.beta *
    loadC4(tile.cStart + i * params.strideCi + j, remaining(i, tile.iEnd, j, params.n));
}
