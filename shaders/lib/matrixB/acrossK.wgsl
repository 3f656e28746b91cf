// The part of operand b that a subgroup multiplies, where lines of workgroup memory run along n.
//
// Expects: Right; staged, an array of Eight; START_B and STRIDE_B, where b begins and the
// length of a line, in Eights.
fn loadRight(p: u32, column: u32) -> Right {
  return subgroupMatrixLoad<Right, row_major>(&staged, START_B + p * STRIDE_B + column / 8u, STRIDE_B);
}
