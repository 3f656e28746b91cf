// The part of operand a that a subgroup multiplies, where lines of workgroup memory run along m.
//
// Expects: Left; staged, an array of Eight; STRIDE_A, the length of a line in Eights.
fn loadLeft(row: u32, p: u32) -> Left {
  return subgroupMatrixLoad<Left, col_major>(&staged, p * STRIDE_A + row / 8u, STRIDE_A);
}
