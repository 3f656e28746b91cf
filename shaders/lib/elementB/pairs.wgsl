// Operand b of a product in elements of 16 bits, two to a word, element by element.
//
// Expects: widen (lib/widen).
@group(0) @binding(2) var<storage, read> b: array<u32>;

fn elementB(index: u32) -> f32 {
  return widen(b[index / 2u])[index % 2u];
}
