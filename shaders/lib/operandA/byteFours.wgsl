// Operand a of a product of integers as it lies in memory, four at a time: for lines that start and end at multiples of 4.
@group(0) @binding(1) var<storage, read> a: array<u32>;

// Elements `offset` to `offset` + 3 in a word, or zeros if `count` is 0; both are multiples of 4. For zeros the first word
// is read and dropped: no branch stands between the loads.
fn loadA4(offset: u32, count: u32) -> u32 {
  let exists = count > 0u;
  return select(0u, a[select(0u, offset / 4u, exists)], exists);
}

// Elements `offset` to `offset` + 7, of which the first `count` exist; both are multiples of 4.
fn loadA8(offset: u32, count: u32) -> vec2<u32> {
  return vec2<u32>(loadA4(offset, count), loadA4(offset + 4u, max(count, 4u) - 4u));
}
