// Operand b of a product in half precision, eight elements at a time, which are 16 bytes: for rows whose length is a
// multiple of 8.
@group(0) @binding(2) var<storage, read> b: array<vec4<u32>>;

// Elements `offset` to `offset` + 7, or zeros if `count` is 0; both are multiples of 8. For zeros the first vector is
// read and dropped: no branch stands between the loads.
fn loadB8(offset: u32, count: u32) -> mat2x4<f32> {
  let exists = count > 0u;
  let words = select(vec4<u32>(), b[select(0u, offset / 8u, exists)], exists);
  return mat2x4<f32>(
    vec4<f32>(unpack2x16float(words.x), unpack2x16float(words.y)),
    vec4<f32>(unpack2x16float(words.z), unpack2x16float(words.w)),
  );
}
