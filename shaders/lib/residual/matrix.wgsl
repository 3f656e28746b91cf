// What is added to a product after its activation, which may be broadcast: elements (i, j) to (i, j + 3). Beyond its
// edges the last element is read, and not used.
//
// Expects: ResidualElem, COLUMNS_PER_RESULT: 2 for a gated product, else 1; Params (matmul/params.wgsl), Tile (lib/tile),
// broadcastOffset.
@group(0) @binding(6) var<storage, read> residual: array<ResidualElem>;

fn residual4(tile: Tile, i: u32, j: u32) -> vec4<f32> {
  let row = params.offsetResidual +
    broadcastOffset(tile.batch, params.batchDims, params.batchStridesResidual) +
    min(i, params.m - 1u) * params.strideResidualI;
  let last = params.n / COLUMNS_PER_RESULT - 1u;
  let columns = min(vec4<u32>(j, j + 1u, j + 2u, j + 3u), vec4<u32>(last));
  let at = row + columns * params.strideResidualJ;
  return vec4<f32>(vec4<ResidualElem>(residual[at.x], residual[at.y], residual[at.z], residual[at.w]));
}
