// No scale of operand b: the factors of the sums of columns j to j + 3.
fn scaleB4(tile: Tile, j: u32) -> vec4<f32> {
  return vec4<f32>(1.0);
}
