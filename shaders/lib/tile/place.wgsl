// Which part of a product a workgroup, or a group of invocations, makes.
struct Tile {
  // Whether there is such a part: more groups may run than there are.
  exists: bool,
  // Number of the product in the batch, or of the group of rows.
  batch: u32,
  // First row, end of the rows that it may touch, first column.
  i0: u32,
  iEnd: u32,
  j0: u32,
  // The stretch of k to sum over, and its number.
  pBegin: u32,
  pEnd: u32,
  slice: u32,
  // Where the operands and the result of the batch start.
  aStart: u32,
  bStart: u32,
  cStart: u32,
}

// Expects: Params (matmul/params.wgsl), broadcastOffset.
fn tileAtPlace(exists: bool, batch: u32, i0: u32, iEnd: u32, j0: u32, slice: u32) -> Tile {
  return Tile(
    exists,
    batch,
    i0,
    iEnd,
    j0,
    slice * params.kSlice,
    min(params.k, (slice + 1u) * params.kSlice),
    slice,
    params.offsetA + broadcastOffset(batch, params.batchDims, params.batchStridesA),
    params.offsetB + broadcastOffset(batch, params.batchDims, params.batchStridesB),
    params.offsetC + broadcastOffset(batch, params.batchDims, params.batchStridesC),
  );
}
