// Result c, element by element: for any length and start of its rows.
//
// Expects: ElemC, as it is stored; ValueC, as it is computed: f32 or i32.
@group(0) @binding(3) var<storage, read_write> c: array<ElemC>;

// Writes the first `count` of four values from `offset` on.
fn storeC4(offset: u32, count: u32, values: vec4<ValueC>) {
  if (count > 0u) {
    c[offset] = ElemC(values.x);
  }
  if (count > 1u) {
    c[offset + 1u] = ElemC(values.y);
  }
  if (count > 2u) {
    c[offset + 2u] = ElemC(values.z);
  }
  if (count > 3u) {
    c[offset + 3u] = ElemC(values.w);
  }
}

// What the first `count` of four elements from `offset` on hold; zeros for the rest.
fn loadC4(offset: u32, count: u32) -> vec4<ValueC> {
  var values = vec4<ValueC>();
  for (var lane = 0u; lane < 4u; lane++) {
    if (lane < count) {
      values[lane] = ValueC(c[offset + lane]);
    }
  }
  return values;
}
