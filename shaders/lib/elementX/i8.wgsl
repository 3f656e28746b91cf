// Elements of x, an array of words, where each word is four signed integers.
alias Value = i32;

fn elementX(index: u32) -> Value {
  return extractBits(bitcast<i32>(x[index / 4u]), index % 4u * 8u, 8u);
}
