// What every attention kernel knows of its problem. Tensors are dense and row-major: q [batch, heads, seqLenQ, headDim],
// k [batch, kvHeads, seqLenKv, headDim], v [batch, kvHeads, seqLenKv, headDimV], o [batch, heads, seqLenQ, headDimV].
struct Params {
  // Heads of q in all batches together.
  queryHeads: u32,
  // Heads of q that share one head of k and v: head h of q goes with head h / groupSize, batches counted in both.
  groupSize: u32,
  seqLenQ: u32,
  seqLenKv: u32,
  headDim: u32,
  headDimV: u32,
  // The last key that query 0 sees; query i sees i more. At least seqLenKv where nothing is masked.
  diagonal: i32,
  // scale * log2(e): probabilities are powers of two, which GPUs compute faster than powers of e.
  scaleLog2: f32,
  // Parts that decode cuts the keys of a head into, and the keys in each but the last; 1 and seqLenKv elsewhere.
  splits: u32,
  keysPerSplit: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
