// No bias: the function that a shader adds to column `column` of its result.
fn biasAt(column: u32) -> f32 {
  return 0.0;
}
