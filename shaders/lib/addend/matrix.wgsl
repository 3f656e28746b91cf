// The matrix C of BLAS's alpha A B + beta C, which may be broadcast: its elements (i, j) to (i, j + 3), times beta. Beyond
// its edges the last element is read, and not used.
//
// Expects: AddendElem, Params (matmul/params.wgsl), Tile (lib/tile), broadcastOffset.
@group(0) @binding(5) var<storage, read> addend: array<AddendElem>;

fn addend4(tile: Tile, i: u32, j: u32) -> vec4<f32> {
  let row = params.offsetAddend +
    broadcastOffset(tile.batch, params.batchDims, params.batchStridesAddend) +
    min(i, params.m - 1u) * params.strideAddendI;
  let columns = min(vec4<u32>(j, j + 1u, j + 2u, j + 3u), vec4<u32>(params.n - 1u));
  let at = row + columns * params.strideAddendJ;
  return params.beta * vec4<f32>(vec4<AddendElem>(addend[at.x], addend[at.y], addend[at.z], addend[at.w]));
}
