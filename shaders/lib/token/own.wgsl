// The token of a candidate, where all are candidates.
fn tokenOf(row: u32, i: u32) -> u32 {
  return i;
}
