// Elements of x, an array of words, where each word is two floats of 16 bits.
//
// Expects: widen (lib/widen).
alias Value = f32;

fn elementX(index: u32) -> Value {
  return widen(x[index / 2u])[index % 2u];
}
