// What every scan kernel knows of its problem: x and y are [outer, length, inner], and the `length` elements of a row,
// which are combined one after the other, lie `inner` apart. Rows are counted through outer and inner. Or x and y are
// [length, inner], and rows are the columns of segments, counted through segments and inner.
struct Params {
  rows: u32,
  length: u32,
  inner: u32,
  // Each row is cut into `parts` of `chunk` elements; the last may be shorter, or empty.
  parts: u32,
  chunk: u32,
  // 1: an element's result is made of those before it, without itself.
  exclusive: u32,
  // 1: from the last element to the first.
  reverse: u32,
  // Looks in vain at another workgroup's part (lookback.wgsl).
  patience: u32,
  // Of segments in slices, the first element that is bound, and how many slices come before it in the order of the scan.
  first: u32,
  slice: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
