// Elements of x, an array of words, where each word is an unsigned integer.
alias Value = u32;

fn elementX(index: u32) -> Value {
  return x[index];
}
