// Operand a of a product, four elements at a time: for rows whose length is a multiple of 4.
@group(0) @binding(1) var<storage, read> a: array<vec4<Elem>>;

// Elements `offset` to `offset` + 3, or zeros if `count` is 0; both are multiples of 4.
fn loadA4(offset: u32, count: u32) -> vec4<f32> {
  if (count == 0u) {
    return vec4<f32>();
  }
  return vec4<f32>(a[offset / 4u]);
}
