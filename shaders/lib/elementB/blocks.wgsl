// Operand b of a product, quantised weights in blocks, one by one.
//
// Expects: weights4 (lib/weights), scaleBlockOf, zeroOf, scaleOf.
fn elementB(index: u32) -> f32 {
  let block = scaleBlockOf(index);
  return scaleOf(block) * weights4(index / 4u * 4u, zeroOf(block))[index % 4u];
}
