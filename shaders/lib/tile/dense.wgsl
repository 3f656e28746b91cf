// Which part of a product a workgroup, or a group of invocations, makes: the plain case, in which every product of the
// batch has all rows of a, and sums go over all of k.
//
// Expects: Params (matmul/params.wgsl), tileAt (lib/tileOrder.wgsl), broadcastOffset.

struct Tile {
  // Whether there is such a part: more groups may run than there are.
  exists: bool,
  batch: u32,
  // First row, end of the rows that it may touch, first column.
  i0: u32,
  iEnd: u32,
  j0: u32,
  // The stretch of k to sum over.
  pBegin: u32,
  pEnd: u32,
  // Where the operands and the result of the batch start.
  aStart: u32,
  bStart: u32,
  cStart: u32,
}

// The number-th part of `height` rows by `width` columns.
fn tileOf(number: u32, height: u32, width: u32) -> Tile {
  let tilesM = (params.m + height - 1u) / height;
  let tilesN = (params.n + width - 1u) / width;
  let batch = number / (tilesM * tilesN);
  let place = tileAt(number % (tilesM * tilesN), tilesM, tilesN);
  return Tile(
    batch < params.batches,
    batch,
    place.x * height,
    params.m,
    place.y * width,
    0u,
    params.k,
    params.offsetA + broadcastOffset(batch, params.batchDims, params.batchStridesA),
    params.offsetB + broadcastOffset(batch, params.batchDims, params.batchStridesB),
    params.offsetC + broadcastOffset(batch, params.batchDims, params.batchStridesC),
  );
}
