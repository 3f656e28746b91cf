// o[row, c] = sum over keys of softmax(scale * q[row] . k[key]) v[key, c], for any sizes.
//
// A workgroup makes 64 neighbouring elements of one row of o. It walks over the keys that the row sees, 64 at a time: each
// invocation makes the score of one key, then each adds all 64 keys to its own column. A row with more than 64 columns
// has its scores made again for each further 64. Always legal, never fast: others are measured against it.
//
// Expects: Elem; Params (params.wgsl), keyEnd (mask.wgsl), LOWEST and normaliser (softmax.wgsl), workgroupIndex.

const THREADS: u32 = 64u;

@group(0) @binding(1) var<storage, read> q: array<Elem>;
@group(0) @binding(2) var<storage, read> k: array<Elem>;
@group(0) @binding(3) var<storage, read> v: array<Elem>;
@group(0) @binding(4) var<storage, read_write> o: array<Elem>;

// In units of log2(e), as everywhere in these kernels.
var<workgroup> scores: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let columnBlocks = (params.headDimV + THREADS - 1u) / THREADS;
  let block = workgroupIndex(workgroup, grid);
  let row = block / columnBlocks;
  let head = row / params.seqLenQ;
  if (head >= params.queryHeads) {
    return;
  }
  let column = block % columnBlocks * THREADS + lane;
  // Invocations beyond the last column make scores like the others, so they need a column that they may read.
  let readColumn = min(column, params.headDimV - 1u);
  let firstKey = head / params.groupSize * params.seqLenKv;
  let end = keyEnd(row % params.seqLenQ);

  var maximum = LOWEST;
  var sum = 0.0;
  var weighted = 0.0;
  for (var start = 0u; start < end; start += THREADS) {
    let count = min(THREADS, end - start);
    if (lane < count) {
      let key = (firstKey + start + lane) * params.headDim;
      var product = 0.0;
      for (var d = 0u; d < params.headDim; d++) {
        product += f32(q[row * params.headDim + d]) * f32(k[key + d]);
      }
      scores[lane] = product * params.scaleLog2;
    }
    workgroupBarrier();
    var grown = maximum;
    for (var j = 0u; j < count; j++) {
      grown = max(grown, scores[j]);
    }
    let correction = exp2(maximum - grown);
    sum *= correction;
    weighted *= correction;
    maximum = grown;
    for (var j = 0u; j < count; j++) {
      let weight = exp2(scores[j] - maximum);
      sum += weight;
      weighted += weight * f32(v[(firstKey + start + j) * params.headDimV + readColumn]);
    }
    // The next scores must not replace these while another invocation still reads them.
    workgroupBarrier();
  }
  if (column < params.headDimV) {
    o[row * params.headDimV + column] = Elem(weighted * normaliser(sum));
  }
}
