// The scales of operand a, one a row: the factor of the sums of row i. Beyond the last row the last one is read, and not used.
//
// Expects: ScaleAElem, Params (matmul/params.wgsl), Tile (lib/tile).
@group(0) @binding(10) var<storage, read> scaleA: array<ScaleAElem>;

fn scaleA1(tile: Tile, i: u32) -> f32 {
  return f32(scaleA[params.offsetScaleA + tile.batch * params.strideScaleABatch + min(i, params.m - 1u)]);
}
