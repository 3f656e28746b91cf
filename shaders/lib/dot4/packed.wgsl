// The dot product of four integers of 8 bits and four others, each four in a word: one instruction on most GPUs. Needs the
// language feature packed_4x8_integer_dot_product.
fn dot4(a: u32, b: u32) -> i32 {
  return dot4I8Packed(a, b);
}
