// What becomes of four neighbouring sums over a part of k: they are kept as they are, by slice and column, for `matmul/combine.wgsl`.
//
// Expects: Total, f32 or i32; Params (matmul/params.wgsl), Tile (lib/tile), columnOf (lib/columns), remaining.
@group(0) @binding(3) var<storage, read_write> partials: array<Total>;

fn emit4(tile: Tile, i: u32, j: u32, sums: vec4<Total>) {
  let row = ((tile.slice * params.batches + tile.batch) * params.m + i) * params.n;
  let count = remaining(i, tile.iEnd, j, params.n);
  for (var lane = 0u; lane < 4u; lane++) {
    if (lane < count) {
      partials[row + columnOf(j + lane)] = sums[lane];
    }
  }
}
