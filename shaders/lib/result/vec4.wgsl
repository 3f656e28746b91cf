// Result c, four elements at a time: for rows that start and end at multiples of 4.
//
// Expects: ElemC.
@group(0) @binding(3) var<storage, read_write> c: array<vec4<ElemC>>;

// Writes four values from `offset` on unless `count` is 0; both are multiples of 4.
fn storeC4(offset: u32, count: u32, values: vec4<f32>) {
  if (count > 0u) {
    c[offset / 4u] = vec4<ElemC>(values);
  }
}

// What four elements from `offset` on hold, or zeros if `count` is 0.
fn loadC4(offset: u32, count: u32) -> vec4<f32> {
  if (count > 0u) {
    return vec4<f32>(c[offset / 4u]);
  }
  return vec4<f32>();
}
