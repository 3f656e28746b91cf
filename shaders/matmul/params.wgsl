// What every matmul kernel knows of its problem. c[batch] is m x n; a[batch] is m x k and b[batch] k x n, or their
// transposes as they lie in memory. Batches form a grid of four axes, along which a tensor may be broadcast. Strides and
// offsets count elements.
struct Params {
  m: u32,
  n: u32,
  k: u32,
  // Products in the batch grid, or groups of rows.
  batches: u32,
  // The stretch of k that a workgroup sums over, and how many of them there are.
  kSlice: u32,
  slices: u32,
  // Distances between a(i, p) and its neighbours along i and along p, and likewise for b(p, j).
  strideAi: u32,
  strideAp: u32,
  strideBp: u32,
  strideBj: u32,
  strideCi: u32,
  offsetA: u32,
  offsetB: u32,
  offsetC: u32,
  alpha: f32,
  beta: f32,
  clipMin: f32,
  clipMax: f32,
  // Of the sums' factors and of what is added to them, where there is any.
  strideScaleABatch: u32,
  strideScaleBBatch: u32,
  offsetScaleA: u32,
  offsetScaleB: u32,
  // Which of the offsets of groups is that of the first group.
  firstGroup: u32,
  strideBiasBatch: u32,
  strideBiasJ: u32,
  offsetBias: u32,
  strideAddendI: u32,
  strideAddendJ: u32,
  offsetAddend: u32,
  strideResidualI: u32,
  strideResidualJ: u32,
  offsetResidual: u32,
  batchDims: vec4<u32>,
  batchStridesA: vec4<u32>,
  batchStridesB: vec4<u32>,
  batchStridesC: vec4<u32>,
  batchStridesAddend: vec4<u32>,
  batchStridesResidual: vec4<u32>,
  // Of what there is one of for each row of a, and for each column of b.
  batchStridesRows: vec4<u32>,
  batchStridesColumns: vec4<u32>,
}

@group(0) @binding(0) var<uniform> params: Params;
