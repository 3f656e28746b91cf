// The part of operand a that a subgroup multiplies, where lines of workgroup memory run along m.
//
// Expects: Left; staged, an array of vec4<u32> with eight halves each; STRIDE_A, the length of a line in such vectors.
fn loadLeft(row: u32, p: u32) -> Left {
  return subgroupMatrixLoad<Left, col_major>(&staged, p * STRIDE_A + row / 8u, STRIDE_A);
}
