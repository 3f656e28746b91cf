// Keys of a paged cache whose row is not bound: other slices have them.
//
// Expects: cacheRow.

const HAS_ABSENT: bool = true;

fn isAbsent(batch: u32, key: u32) -> bool {
  let row = cacheRow(batch, key);
  return row < params.rowBegin || row >= params.rowEnd;
}
