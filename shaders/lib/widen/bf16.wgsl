// Two numbers of type bf16 in a word, the first in its low half. A bf16 is the upper half of an f32.
fn widen(word: u32) -> vec2<f32> {
  return bitcast<vec2<f32>>(vec2<u32>(word << 16u, word & 0xffff0000u));
}
