// Operand a of a product of integers, four to a word, element by element.
@group(0) @binding(1) var<storage, read> a: array<u32>;

fn elementA(index: u32) -> i32 {
  return extractBits(bitcast<i32>(a[index / 4u]), index % 4u * 8u, 8u);
}
