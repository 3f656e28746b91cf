// What every kernel of norms knows of its problem: element r of row o is x[offset(o) + offset(r)]. The kept axes, which o counts
// through, and the reduced ones, which r counts through, form a grid of four axes each, outermost first.
struct Params {
  // Rows, and elements of each.
  rows: u32,
  length: u32,
  // Element r of row o is of channel (o % groups) * channels + r / spatial.
  groups: u32,
  channels: u32,
  spatial: u32,
  // Elements that an invocation adds before it adds their sum to the others.
  chunk: u32,
  epsilon: f32,
  keptDims: vec4<u32>,
  keptStrides: vec4<u32>,
  reducedDims: vec4<u32>,
  reducedStrides: vec4<u32>,
}

@group(0) @binding(0) var<uniform> params: Params;
