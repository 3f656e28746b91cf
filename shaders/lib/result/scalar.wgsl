// Result c, element by element: for any length of row.
@group(0) @binding(3) var<storage, read_write> c: array<Elem>;

// Writes the first `count` of four values from `offset` on.
fn storeC4(offset: u32, count: u32, values: vec4<f32>) {
  if (count > 0u) {
    c[offset] = Elem(values.x);
  }
  if (count > 1u) {
    c[offset + 1u] = Elem(values.y);
  }
  if (count > 2u) {
    c[offset + 2u] = Elem(values.z);
  }
  if (count > 3u) {
    c[offset + 3u] = Elem(values.w);
  }
}
