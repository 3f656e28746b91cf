// Elements of x, an array of words, where each word is a signed integer.
alias Value = i32;

fn elementX(index: u32) -> Value {
  return bitcast<i32>(x[index]);
}
