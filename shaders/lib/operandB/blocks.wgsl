// Operand b of a product, quantised weights in blocks, four and eight at a time: lines of any length, since they are filled up
// to whole blocks. What fills them up is not dropped: it meets the zeros behind the last element of a line of a.
//
// Expects: weights4 and weights8 (lib/weights), scaleBlockOf, zeroOf, scaleOf.

// Weights `offset` to `offset` + 3, a multiple of 4. If not even the first exists the first of all are read: no branch stands
// between the loads.
fn loadB4(offset: u32, count: u32) -> vec4<f32> {
  let at = select(0u, offset, count > 0u);
  let block = scaleBlockOf(at);
  return scaleOf(block) * weights4(at, zeroOf(block));
}

// Weights `offset` to `offset` + 7, a multiple of 8, likewise.
fn loadB8(offset: u32, count: u32) -> mat2x4<f32> {
  let at = select(0u, offset, count > 0u);
  let block = scaleBlockOf(at);
  return scaleOf(block) * weights8(at, zeroOf(block));
}
