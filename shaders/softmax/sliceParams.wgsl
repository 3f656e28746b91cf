// What the kernels know that make columns longer than can be bound slice by slice: `length` rows of `inner` columns, in `parts` parts.
struct Params {
  // Rows of the slice, and of each of its parts; the last parts may be shorter, or empty.
  length: u32,
  partLength: u32,
  parts: u32,
  inner: u32,
  // The slice's first among the parts of a column, and how many these are.
  firstPart: u32,
  allParts: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
