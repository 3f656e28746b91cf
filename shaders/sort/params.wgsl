// What every sort kernel knows of its problem: x is [outer, length, inner], and the `length` elements of a row lie `inner`
// apart. Rows are counted through outer and inner. The first `count` of each row, once it is sorted, make up the
// results [outer, count, inner].
//
// Elements are sorted as pairs of a key (lib/order) and their position, by the key and then by the position: so every order
// is that of a stable sort.
struct Params {
  rows: u32,
  length: u32,
  inner: u32,
  count: u32,
  // What keys are combined with bit by bit: nothing, or all ones to sort from the largest to the smallest.
  flip: u32,
  // Pairs of a row that there are to sort: `length`, or fewer that an earlier pass has chosen.
  pairs: u32,
  // Into how many parts these are cut, and of how many pairs; the last may be shorter, or empty.
  parts: u32,
  chunk: u32,
  // The lowest bit of the digit to sort by (radix.wgsl).
  shift: u32,
  // Where a slab of the axis begins, and the results that are bound (place.wgsl); 0 where these are whole.
  firstPosition: u32,
  firstRank: u32,
  // Where rows that are sorted at a time begin along the outer axis.
  firstOuter: u32,
}

@group(0) @binding(0) var<uniform> params: Params;

fn comesBefore(a: vec2<u32>, b: vec2<u32>) -> bool {
  return a.x < b.x || (a.x == b.x && a.y < b.y);
}
