// What becomes of four neighbouring sums of a gated product: two pairs of a gate and what passes it make two elements.
// Shazeer, "GLU Variants Improve Transformer", arXiv 2002.05202.
//
// Expects: Total, f32 or i32; Params (matmul/params.wgsl), Tile (lib/tile), scaleA1, scaleB4, bias4, activate, residual4,
// remaining, storeC4.
fn emit4(tile: Tile, i: u32, j: u32, sums: vec4<Total>) {
  let scaled = params.alpha * (vec4<f32>(sums) * scaleA1(tile, i) * scaleB4(tile, j));
  let x = scaled + bias4(tile, j);
  let column = j / 2u;
  let gated = vec2<f32>(activate(x.x) * x.y, activate(x.z) * x.w);
  let count = remaining(i, tile.iEnd, column, params.n / 2u);
  storeC4(
    tile.cStart + i * params.strideCi + column,
    min(count, 2u),
    vec4<f32>(gated + residual4(tile, i, column).xy, 0.0, 0.0),
  );
}
