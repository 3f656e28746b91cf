// The powers of two by which rows of a and columns of b were scaled before they were split (matmul/split.wgsl).
//
// Expects: NOT_SPLIT (lib/notSplit.wgsl), Params (matmul/params.wgsl), Tile (lib/tile), columnOf, broadcastOffset.
@group(0) @binding(7) var<storage, read> rowExponents: array<i32>;
@group(0) @binding(8) var<storage, read> columnExponents: array<i32>;

// Of row i, or NOT_SPLIT. Beyond the edge the last row's.
fn rowExponent(tile: Tile, i: u32) -> i32 {
  let rows = broadcastOffset(tile.batch, params.batchDims, params.batchStridesRows);
  return rowExponents[rows + min(i, params.m - 1u)];
}

// Of column j, or NOT_SPLIT. Beyond the edge the last column's.
fn columnExponent(tile: Tile, j: u32) -> i32 {
  let columns = broadcastOffset(tile.batch, params.batchDims, params.batchStridesColumns);
  return columnExponents[columns + columnOf(min(j, params.n - 1u))];
}

// Of what elements (i, j) to (i, j + 3) sum up, NOT_SPLIT where the row or the column was not.
fn exponents4(tile: Tile, i: u32, j: u32) -> vec4<i32> {
  let row = rowExponent(tile, i);
  var exponents = vec4<i32>();
  for (var lane = 0u; lane < 4u; lane++) {
    let column = columnExponent(tile, j + lane);
    exponents[lane] = select(row + column, NOT_SPLIT, row == NOT_SPLIT || column == NOT_SPLIT);
  }
  return exponents;
}

// Whether all four were split: kernels make elements by fours.
fn wereSplit(exponents: vec4<i32>) -> bool {
  return all(exponents != vec4<i32>(NOT_SPLIT));
}
