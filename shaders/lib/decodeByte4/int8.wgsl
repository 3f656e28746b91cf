// Four unsigned integers of 8 bits, the first in the lowest bits, counted from a zero point.
//
// Expects: integersFrom.
fn decodeByte4(word: u32, zero: f32) -> vec4<f32> {
  return integersFrom(zero, (vec4<u32>(word) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(255u));
}
