// The code that stands for 0, of all blocks alike.
//
// Expects: ZERO.
fn zeroOf(block: u32) -> f32 {
  return f32(ZERO);
}
