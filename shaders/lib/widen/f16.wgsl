// Two numbers of half precision in a word, the first in its low half.
fn widen(word: u32) -> vec2<f32> {
  return unpack2x16float(word);
}
