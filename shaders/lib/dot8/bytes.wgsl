// The dot product of eight integers of 8 bits and eight others, four to a word.
//
// Expects: dot4 (lib/dot4).
fn dot8(a: vec2<u32>, b: vec2<u32>) -> i32 {
  return dot4(a.x, b.x) + dot4(a.y, b.y);
}
