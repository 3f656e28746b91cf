// Operand a of a product of integers as it lies in memory, four at a time: for lines that start anywhere.
@group(0) @binding(1) var<storage, read> a: array<u32>;

// Elements `offset` to `offset` + 3 in a word, of which the first `count` exist; zeros for the rest. They lie in two words
// at most. Where none exists the first word is read and dropped: no branch stands between the loads.
fn loadA4(offset: u32, count: u32) -> u32 {
  let length = min(count, 4u);
  let start = select(0u, offset, length > 0u);
  let first = start / 4u;
  let last = (start + max(length, 1u) - 1u) / 4u;
  let shift = start % 4u * 8u;
  // Where the start is at a word's, the shift to the left is by 32, which is by 0, and its result not used.
  let word = (a[first] >> shift) | select(0u, a[last] << (32u - shift), last > first);
  return extractBits(word, 0u, length * 8u);
}

// Elements `offset` to `offset` + 7, likewise.
fn loadA8(offset: u32, count: u32) -> vec2<u32> {
  return vec2<u32>(loadA4(offset, count), loadA4(offset + 4u, max(count, 4u) - 4u));
}
