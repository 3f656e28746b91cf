// Order in which workgroups take the tiles of a matrix: bands of 8 rows of tiles, column by column within a band.
// Workgroups that run at the same time then share both their rows of a and their columns of b in the cache, where row
// by row they would share the rows alone. Philippe Tillet, Triton's tutorial "Matrix Multiplication", "L2 cache
// optimizations".
const BAND: u32 = 8u;

// Row and column of the tile, counted in tiles.
fn tileAt(index: u32, tilesM: u32, tilesN: u32) -> vec2<u32> {
  let band = index / (BAND * tilesN);
  let rest = index % (BAND * tilesN);
  let rows = min(tilesM - band * BAND, BAND);
  return vec2<u32>(band * BAND + rest % rows, rest / rows);
}
