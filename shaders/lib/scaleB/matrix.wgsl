// The scale of operand b, one for each column of a product or broadcast further: the factors of the sums (i, j) to
// (i, j + 3). Beyond the edges the last one is read, and not used.
//
// Expects: ScaleBElem, Params (matmul/params.wgsl), Tile (lib/tile), columnOf (lib/columns), broadcastOffset.
@group(0) @binding(11) var<storage, read> scaleB: array<ScaleBElem>;

fn scaleB4(tile: Tile, i: u32, j: u32) -> vec4<f32> {
  let row = params.offsetScaleB +
    broadcastOffset(tile.batch, params.batchDims, params.batchStridesScaleB) +
    min(i, params.m - 1u) * params.strideScaleBI;
  var factors: vec4<f32>;
  for (var lane = 0u; lane < 4u; lane++) {
    let column = columnOf(min(j + lane, params.n - 1u));
    factors[lane] = f32(scaleB[row + column * params.strideScaleBJ]);
  }
  return factors;
}
