// What every matmul kernel knows of its problem. c[batch] is m x n; a[batch] is m x k and b[batch] k x n, or their
// transposes as they lie in memory. Batches form a grid of four axes, along which an operand may be broadcast.
struct Params {
  m: u32,
  n: u32,
  k: u32,
  // Distances in elements between a(i, p) and its neighbours along i and along p, and likewise for b(p, j).
  strideAi: u32,
  strideAp: u32,
  strideBp: u32,
  strideBj: u32,
  // Products in the batch grid.
  batches: u32,
  batchDims: vec4<u32>,
  // In elements.
  batchStridesA: vec4<u32>,
  batchStridesB: vec4<u32>,
}

@group(0) @binding(0) var<uniform> params: Params;
