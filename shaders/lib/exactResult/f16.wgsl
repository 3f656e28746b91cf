// The format of f16, for quotient.wgsl: bits of a significand, the lowest bit of all in units of 2^-149, infinity, and where the
// sign is.
const SIGNIFICAND_BITS: u32 = 11u;
const LOWEST_EXPONENT: u32 = 125u;
const INFINITY_BITS: u32 = 0x7c00u;
const SIGN_SHIFT: u32 = 15u;

fn fromBits(bits: u32) -> Out {
  return bitcast<vec2<f16>>(bits).x;
}
