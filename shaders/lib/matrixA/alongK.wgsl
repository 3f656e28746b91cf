// The part of operand a that a subgroup multiplies, where lines of workgroup memory run along k.
//
// Expects: Left; staged, an array of Eight; STRIDE_A, the length of a line in Eights.
fn loadLeft(row: u32, p: u32) -> Left {
  return subgroupMatrixLoad<Left, row_major>(&staged, row * STRIDE_A + p / 8u, STRIDE_A);
}
