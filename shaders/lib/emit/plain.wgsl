// What becomes of four neighbouring sums of a product: elements (i, j) to (i, j + 3), of which those inside the tile's rows
// and the product's columns are stored.
//
// Expects: Total, f32 or i32; Params (matmul/params.wgsl), Tile (lib/tile), scaleA1, scaleB4, bias4, addend4, activate,
// residual4, remaining, storeC4.
fn emit4(tile: Tile, i: u32, j: u32, sums: vec4<Total>) {
  let scaled = params.alpha * (vec4<f32>(sums) * scaleA1(tile, i) * scaleB4(tile, j));
  let x = scaled + bias4(tile, j) + addend4(tile, i, j);
  let activated = vec4<f32>(activate(x.x), activate(x.y), activate(x.z), activate(x.w));
  storeC4(
    tile.cStart + i * params.strideCi + j,
    remaining(i, tile.iEnd, j, params.n),
    activated + residual4(tile, i, j),
  );
}
