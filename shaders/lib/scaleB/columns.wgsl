// The scales of operand b, one a column: the factors of the sums of columns j to j + 3. Beyond the last column the last one is
// read, and not used.
//
// Expects: ScaleBElem, Params (matmul/params.wgsl), Tile (lib/tile), columnOf (lib/columns).
@group(0) @binding(11) var<storage, read> scaleB: array<ScaleBElem>;

fn scaleB4(tile: Tile, j: u32) -> vec4<f32> {
  let start = params.offsetScaleB + tile.batch * params.strideScaleBBatch;
  var factors = vec4<f32>();
  for (var lane = 0u; lane < 4u; lane++) {
    factors[lane] = f32(scaleB[start + columnOf(min(j + lane, params.n - 1u))]);
  }
  return factors;
}
