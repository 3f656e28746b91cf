// Operand a of a product, element by element.
//
// Expects: ElemA.
@group(0) @binding(1) var<storage, read> a: array<ElemA>;

fn elementA(index: u32) -> f32 {
  return f32(a[index]);
}
