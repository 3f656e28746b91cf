// The part of operand b that a subgroup multiplies, where lines of workgroup memory run along k.
//
// Expects: Right; staged, an array of Eight; START_B and STRIDE_B, where b begins and the
// length of a line, in Eights.
fn loadRight(p: u32, column: u32) -> Right {
  return subgroupMatrixLoad<Right, col_major>(&staged, START_B + column * STRIDE_B + p / 8u, STRIDE_B);
}
