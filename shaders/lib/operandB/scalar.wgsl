// Operand b of a product, element by element: for any length of row.
@group(0) @binding(2) var<storage, read> b: array<Elem>;

// Elements `offset` to `offset` + 3, of which the first `count` exist; zeros for the rest.
fn loadB4(offset: u32, count: u32) -> vec4<f32> {
  var values = vec4<f32>();
  if (count > 0u) {
    values.x = f32(b[offset]);
  }
  if (count > 1u) {
    values.y = f32(b[offset + 1u]);
  }
  if (count > 2u) {
    values.z = f32(b[offset + 2u]);
  }
  if (count > 3u) {
    values.w = f32(b[offset + 3u]);
  }
  return values;
}
