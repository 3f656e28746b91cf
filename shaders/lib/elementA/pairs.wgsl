// Operand a of a product in elements of 16 bits, two to a word, element by element.
//
// Expects: widen (lib/widen).
@group(0) @binding(1) var<storage, read> a: array<u32>;

fn elementA(index: u32) -> f32 {
  return widen(a[index / 2u])[index % 2u];
}
