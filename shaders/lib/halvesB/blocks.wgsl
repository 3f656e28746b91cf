// Operand b of a product, quantised weights in blocks, decoded and rounded to half precision, two to a word: lines of any
// length, since they are filled up to whole blocks. What fills them up meets the zeros behind the last element of a line of a.
//
// Expects: weights8 (lib/weights), scaleBlockOf, zeroOf, scaleOf.

// Weights `offset` to `offset` + 7, a multiple of 8. If not even the first exists the first of all are read: no branch stands
// between the loads.
fn loadB8(offset: u32, count: u32) -> vec4<u32> {
  let at = select(0u, offset, count > 0u);
  let block = scaleBlockOf(at);
  let values = scaleOf(block) * weights8(at, zeroOf(block));
  return vec4<u32>(
    bitcast<vec2<u32>>(vec4<f16>(values[0])),
    bitcast<vec2<u32>>(vec4<f16>(values[1])),
  );
}
