// Operand b of a product, four elements at a time: for rows whose length is a multiple of 4.
@group(0) @binding(2) var<storage, read> b: array<vec4<Elem>>;

// Elements `offset` to `offset` + 3, or zeros if `count` is 0; both are multiples of 4.
fn loadB4(offset: u32, count: u32) -> vec4<f32> {
  if (count == 0u) {
    return vec4<f32>();
  }
  return vec4<f32>(b[offset / 4u]);
}
