// Operand a of a product of integers as it lies in memory, eight at a time: for lines that start and end at multiples of 8.
@group(0) @binding(1) var<storage, read> a: array<vec2<u32>>;

// Elements `offset` to `offset` + 7, or zeros if `count` is 0; both are multiples of 8. For zeros the first vector is
// read and dropped: no branch stands between the loads.
fn loadA8(offset: u32, count: u32) -> vec2<u32> {
  let exists = count > 0u;
  return select(vec2<u32>(), a[select(0u, offset / 8u, exists)], exists);
}
