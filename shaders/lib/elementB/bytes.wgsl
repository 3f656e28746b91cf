// Operand b of a product of integers, four to a word, element by element.
@group(0) @binding(2) var<storage, read> b: array<u32>;

fn elementB(index: u32) -> i32 {
  return extractBits(bitcast<i32>(b[index / 4u]), index % 4u * 8u, 8u);
}
