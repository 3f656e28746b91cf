// Operand a of a product as it lies in memory, four halves at a time: for lines whose length is a multiple of 4.
@group(0) @binding(1) var<storage, read> a: array<vec2<u32>>;

// Elements `offset` to `offset` + 7, of which the first `count` exist; both are multiples of 4. Zeros for the rest.
fn loadA8(offset: u32, count: u32) -> vec4<u32> {
  var words = vec4<u32>();
  if (count > 0u) {
    words = vec4<u32>(a[offset / 4u], 0u, 0u);
  }
  if (count > 4u) {
    words = vec4<u32>(words.xy, a[offset / 4u + 1u]);
  }
  return words;
}
