// Result c, four elements at a time: for rows that start and end at multiples of 4.
//
// Expects: ElemC, as it is stored; ValueC, as it is computed: f32 or i32.
@group(0) @binding(3) var<storage, read_write> c: array<vec4<ElemC>>;

// Writes four values from `offset` on unless `count` is 0; both are multiples of 4.
fn storeC4(offset: u32, count: u32, values: vec4<ValueC>) {
  if (count > 0u) {
    c[offset / 4u] = vec4<ElemC>(values);
  }
}

// What four elements from `offset` on hold, or zeros if `count` is 0.
fn loadC4(offset: u32, count: u32) -> vec4<ValueC> {
  if (count > 0u) {
    return vec4<ValueC>(c[offset / 4u]);
  }
  return vec4<ValueC>();
}
