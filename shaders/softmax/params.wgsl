// What every softmax kernel knows of its problem: x and y are [outer, length, inner], and the `length` elements of a row,
// which add up to 1, lie `inner` apart. Rows are counted through outer and inner.
struct Params {
  rows: u32,
  length: u32,
  inner: u32,
  // Elements that an invocation adds before it adds their sum to the others.
  chunk: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
