// What every attention kernel knows of its problem. The shapes are those of src/reference/attention.ts; strides say how
// tensors lie, in the unit in which a kernel reads them: elements, or vectors of four.
struct Params {
  // Sequences, heads of q in each, and how many of these share one head of k and v: head h goes with h / groupSize.
  batch: u32,
  heads: u32,
  groupSize: u32,
  // Of the longest sequence, as far as they are bound.
  seqLenQ: u32,
  seqLenKv: u32,
  headDim: u32,
  headDimV: u32,
  // Rows of q and k in all: lengths that lie on the GPU cannot be trusted.
  tokensQ: u32,
  tokensKv: u32,
  // Query i stands at key i + queryOffset, counted from seqLenKv - seqLenQ where alignEnd is 1; it sees `left` keys before
  // that one and `right` after it. No number is beyond 2^29, so that sums of three fit.
  queryOffset: i32,
  alignEnd: u32,
  left: i32,
  right: i32,
  // Queries see keys from keyBegin to before keyEnd, counted from Sequence.keyBase: a mask may be shorter than the keys, and k
  // and v may be bound in part.
  keyBegin: i32,
  keyEnd: i32,
  // scale * log2(e): probabilities are powers of two, which GPUs compute faster than powers of e.
  scaleLog2: f32,
  // softcap * log2(e).
  capLog2: f32,
  // Parts that decode cuts the keys of a head into; 1 elsewhere.
  splits: u32,
  // Of a paged cache.
  blocks: u32,
  blockSize: u32,
  // Rows of k and v that are bound, from one to before another, and of packed queries.
  rowBegin: u32,
  rowEnd: u32,
  queryBegin: u32,
  queryEnd: u32,
  // Of the longest sequence, also where some of its queries are elsewhere.
  longestQ: u32,
  // From one sequence to the next in the slopes of ALiBi: 0 where all have the same.
  slopesStride: u32,
  // Where inputs begin: those that are joined in one buffer, and those of sequences and heads that are not the first.
  slopesAt: u32,
  sinksAt: u32,
  lengthsAt: u32,
  offsetsQAt: u32,
  offsetsKvAt: u32,
  blockTableAt: u32,
  maskAt: u32,
  // From one sequence, head and row to the next, and where the first begins; of logSumExp in elements always.
  qStrides: vec4<u32>,
  kStrides: vec4<u32>,
  vStrides: vec4<u32>,
  oStrides: vec4<u32>,
  lseStrides: vec4<u32>,
  // From one sequence, head, query and key to the next, in elements: 0 where the mask is broadcast.
  maskStrides: vec4<u32>,
}

@group(0) @binding(0) var<uniform> params: Params;
