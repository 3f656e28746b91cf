// Operand b of a product, element by element.
//
// Expects: ElemB.
@group(0) @binding(2) var<storage, read> b: array<ElemB>;

fn elementB(index: u32) -> f32 {
  return f32(b[index]);
}
