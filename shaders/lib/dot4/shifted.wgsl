// The dot product of four integers of 8 bits and four others, each four in a word, where WGSL has no function for it.
fn widened(word: u32) -> vec4<i32> {
  return bitcast<vec4<i32>>(vec4<u32>(word) << vec4<u32>(24u, 16u, 8u, 0u)) >> vec4<u32>(24u);
}

fn dot4(a: u32, b: u32) -> i32 {
  return dot(widened(a), widened(b));
}
