// Four floats of 5 bits of exponent and 2 of mantissa, the first in the lowest bits: each is the upper half of an f16. They
// have no zero point.
fn decodeByte4(word: u32, zero: f32) -> vec4<f32> {
  let even = unpack2x16float((word << 8u) & 0xff00ff00u);
  let odd = unpack2x16float(word & 0xff00ff00u);
  return vec4<f32>(even.x, odd.x, even.y, odd.y);
}
