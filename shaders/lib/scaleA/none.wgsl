// No scale of operand a: the factor of the sums of row i.
fn scaleA1(tile: Tile, i: u32) -> f32 {
  return 1.0;
}
