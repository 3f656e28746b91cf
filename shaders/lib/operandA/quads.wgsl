// Operand a of a product in elements of 16 bits, four at a time: for lines that start and end at multiples of 4.
//
// Expects: widen (lib/widen).
@group(0) @binding(1) var<storage, read> a: array<vec2<u32>>;

// Elements `offset` to `offset` + 3, or zeros if `count` is 0; both are multiples of 4. For zeros the first vector is
// read and dropped: no branch stands between the loads.
fn loadA4(offset: u32, count: u32) -> vec4<f32> {
  let exists = count > 0u;
  let words = select(vec2<u32>(), a[select(0u, offset / 4u, exists)], exists);
  return vec4<f32>(widen(words.x), widen(words.y));
}

// Elements `offset` to `offset` + 7, of which the first `count` exist; both are multiples of 4.
fn loadA8(offset: u32, count: u32) -> mat2x4<f32> {
  return mat2x4<f32>(loadA4(offset, count), loadA4(offset + 4u, max(count, 4u) - 4u));
}
