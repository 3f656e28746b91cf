// What the kernels know that make the rows of a norm slice by slice: each slice, all of which can be bound, has a stretch of every row,
// in `parts` parts. A row is what is normalised together, whether its elements are neighbours or lie apart.
struct Params {
  // Rows, and the first's place among all whose totals there are.
  rows: u32,
  firstRow: u32,
  // Elements of a row's stretch, and of each of its parts: a multiple of 4; the last parts may be shorter, or empty.
  length: u32,
  partLength: u32,
  parts: u32,
  // The slice's first among the parts of a row, of which 0 is for those of earlier slices.
  firstPart: u32,
  // The slice's first element among those that are bound.
  firstPosition: u32,
  // Element r of the stretch is of channel firstChannel + (firstElement + r) / spatial.
  firstElement: u32,
  firstChannel: u32,
  spatial: u32,
  // Where element r of row o is, as in params.wgsl.
  keptDims: vec4<u32>,
  keptStrides: vec4<u32>,
  reducedDims: vec4<u32>,
  reducedStrides: vec4<u32>,
}

@group(0) @binding(0) var<uniform> params: Params;
