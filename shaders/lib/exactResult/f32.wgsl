// The format of f32, for quotient.wgsl: bits of a significand, the lowest bit of all, infinity, and where the sign is.
const SIGNIFICAND_BITS: u32 = 24u;
const LOWEST_EXPONENT: u32 = 0u;
const INFINITY_BITS: u32 = 0x7f800000u;
const SIGN_SHIFT: u32 = 31u;

fn fromBits(bits: u32) -> Out {
  return bitcast<f32>(bits);
}
