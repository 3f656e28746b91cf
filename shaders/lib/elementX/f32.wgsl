// Elements of x, an array of words, where each word is a float.
alias Value = f32;

fn elementX(index: u32) -> Value {
  return bitcast<f32>(x[index]);
}
