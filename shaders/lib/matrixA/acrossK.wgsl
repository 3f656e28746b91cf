// The part of operand a that a subgroup multiplies, where lines of workgroup memory run along m.
//
// Expects: Left; staged, an array of Eight; STRIDE_A and PART_A, the lengths of a line and of a part in
// Eights.
fn loadLeft(part: u32, row: u32, p: u32) -> Left {
  return subgroupMatrixLoad<Left, col_major>(&staged, part * PART_A + p * STRIDE_A + row / 8u, STRIDE_A);
}
