// What the kernels know that make one row of a norm slice by slice: each slice, all of which can be bound, in `parts` parts.
struct Params {
  // Elements of the slice, and of each of its parts: a multiple of 4; the last parts may be shorter, or empty.
  length: u32,
  partLength: u32,
  parts: u32,
  // The slice's first among the parts of the row, and how many these are.
  firstPart: u32,
  allParts: u32,
  rowLength: u32,
  // Element r of the slice is of channel firstChannel + (firstElement + r) / spatial.
  firstElement: u32,
  firstChannel: u32,
  spatial: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
