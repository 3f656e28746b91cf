// What every reduction kernel knows of its problem: y[o] combines x[offset(o) + offset(r)] for all r. The kept axes, which
// o counts through, and the reduced ones, which r counts through, form a grid of four axes each, outermost first.
struct Params {
  // Points of the two grids.
  kept: u32,
  reduced: u32,
  // Each reduction is cut into `split` parts of `chunk` values of r; the last may be shorter, or empty.
  split: u32,
  chunk: u32,
  keptDims: vec4<u32>,
  // In elements.
  keptStrides: vec4<u32>,
  reducedDims: vec4<u32>,
  reducedStrides: vec4<u32>,
  // What means and variances divide by.
  divisor: f32,
  // Where r starts to count, in a slice of a reduction.
  first: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
