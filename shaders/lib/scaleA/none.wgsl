// No scale of operand a: the factors of four sums.
fn scaleA4(tile: Tile, i: u32, j: u32) -> vec4<f32> {
  return vec4<f32>(1.0);
}
