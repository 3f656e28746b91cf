// Operand a of a product as it lies in memory, eight halves at a time: for lines whose length is a multiple of 8.
@group(0) @binding(1) var<storage, read> a: array<vec4<u32>>;

// Elements `offset` to `offset` + 7, or zeros if `count` is 0; both are multiples of 8.
fn loadA8(offset: u32, count: u32) -> vec4<u32> {
  if (count == 0u) {
    return vec4<u32>();
  }
  return a[offset / 8u];
}
