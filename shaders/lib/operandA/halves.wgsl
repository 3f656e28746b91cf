// Operand a of a product in elements of 16 bits, eight at a time, which are 16 bytes: for lines that start and end at
// multiples of 8.
//
// Expects: widen (lib/widen).
@group(0) @binding(1) var<storage, read> a: array<vec4<u32>>;

// Elements `offset` to `offset` + 7, or zeros if `count` is 0; both are multiples of 8. For zeros the first vector is
// read and dropped: no branch stands between the loads.
fn loadA8(offset: u32, count: u32) -> mat2x4<f32> {
  let exists = count > 0u;
  let words = select(vec4<u32>(), a[select(0u, offset / 8u, exists)], exists);
  return mat2x4<f32>(
    vec4<f32>(widen(words.x), widen(words.y)),
    vec4<f32>(widen(words.z), widen(words.w)),
  );
}
