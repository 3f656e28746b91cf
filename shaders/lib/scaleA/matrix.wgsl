// The scale of operand a, one for each row of a product or broadcast further: the factors of the sums (i, j) to
// (i, j + 3). Beyond the edges the last one is read, and not used.
//
// Expects: ScaleAElem, Params (matmul/params.wgsl), Tile (lib/tile), columnOf (lib/columns), broadcastOffset.
@group(0) @binding(10) var<storage, read> scaleA: array<ScaleAElem>;

fn scaleA4(tile: Tile, i: u32, j: u32) -> vec4<f32> {
  let row = params.offsetScaleA +
    broadcastOffset(tile.batch, params.batchDims, params.batchStridesScaleA) +
    min(i, params.m - 1u) * params.strideScaleAI;
  var factors: vec4<f32>;
  for (var lane = 0u; lane < 4u; lane++) {
    let column = columnOf(min(j + lane, params.n - 1u));
    factors[lane] = f32(scaleA[row + column * params.strideScaleAJ]);
  }
  return factors;
}
