// The part of operand b that a subgroup multiplies, where lines of workgroup memory run along k.
//
// Expects: Right; staged, an array of Eight; START_B, STRIDE_B and PART_B, where b begins and the lengths
// of a line and of a part, in Eights.
fn loadRight(part: u32, p: u32, column: u32) -> Right {
  let start = START_B + part * PART_B;
  return subgroupMatrixLoad<Right, col_major>(&staged, start + column * STRIDE_B + p / 8u, STRIDE_B);
}
