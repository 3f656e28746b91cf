// Four floats of 4 bits of exponent and 3 of mantissa, the first in the lowest bits: no infinities, and NaN where all bits
// but the sign are set. They have no zero point.
//
// One place further left, behind the sign, exponent and mantissa are those of an f16 that is smaller by the difference of the
// biases, 2^8.

// The bytes in the lower halves of a word's two halves, as two f16.
fn halvesOf(bytes: u32) -> vec2<f32> {
  let magnitudes = bytes & 0x007f007fu;
  // The carry out of seven bits that are all set completes the exponent of an f16's NaN.
  let nan = (magnitudes + 0x00010001u) & 0x00800080u;
  return unpack2x16float(((magnitudes | nan) << 7u) | ((bytes & 0x00800080u) << 8u));
}

fn decodeByte4(word: u32, zero: f32) -> vec4<f32> {
  let even = halvesOf(word);
  let odd = halvesOf(word >> 8u);
  return 256.0 * vec4<f32>(even.x, odd.x, even.y, odd.y);
}
