// Blocks of quantised weights that share a scale: BLOCK_SIZE neighbours. Rows are whole blocks, one behind the other, so a
// weight's place alone tells which block it is in.
//
// Expects: BLOCK_SIZE, a power of two.
fn scaleBlockOf(offset: u32) -> u32 {
  return offset / BLOCK_SIZE;
}
