// One bias a column, shared by all rows: what is added to the sums of columns j to j + 3. Beyond the last column the last
// bias is read, and not used.
//
// Expects: BiasElem, Params (matmul/params.wgsl), Tile (lib/tile), columnOf (lib/columns).
@group(0) @binding(4) var<storage, read> bias: array<BiasElem>;

fn bias4(tile: Tile, j: u32) -> vec4<f32> {
  let start = params.offsetBias + tile.batch * params.strideBiasBatch;
  var values = vec4<f32>();
  for (var lane = 0u; lane < 4u; lane++) {
    let column = columnOf(min(j + lane, params.n - 1u));
    values[lane] = f32(bias[start + column * params.strideBiasJ]);
  }
  return values;
}
