// Result c, four elements at a time: for rows whose length is a multiple of 4.
@group(0) @binding(3) var<storage, read_write> c: array<vec4<Elem>>;

// Writes four values from `offset` on unless `count` is 0; both are multiples of 4.
fn storeC4(offset: u32, count: u32, values: vec4<f32>) {
  if (count > 0u) {
    c[offset / 4u] = vec4<Elem>(values);
  }
}
