// o[i, c] = sum over keys of softmax(score(scale * q[i] . k[key])) v[key, c] of one head, for any sizes.
//
// A workgroup makes 64 neighbouring elements of one row of o. It walks over the keys that the row sees, 64 at a time: each
// invocation makes the score of one key, then each adds all 64 keys to its own column. A row with more than 64 columns
// has its scores made again for each further 64. Always legal, never fast: others are measured against it.
//
// Expects: Elem, Out; Params (params.wgsl), sequenceOf, keyRange, rowAt (range.wgsl), scoreOf (score.wgsl), softmax.wgsl,
// keyRow, keyElement, valueElement, workgroupIndex.

const THREADS: u32 = 64u;

@group(0) @binding(1) var<storage, read> q: array<Elem>;
@group(0) @binding(4) var<storage, read_write> o: array<Out>;

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
  let query = block / columnBlocks % params.seqLenQ;
  let head = block / columnBlocks / params.seqLenQ % params.heads;
  let batch = block / columnBlocks / params.seqLenQ / params.heads;
  if (batch >= params.batch) {
    return;
  }
  let sequence = sequenceOf(batch);
  if (query >= sequence.seqLenQ) {
    return;
  }
  let column = block % columnBlocks * THREADS + lane;
  // Invocations beyond the last column make scores like the others, so they need a column that they may read.
  let readColumn = min(column, params.headDimV - 1u);
  let kvHead = head / params.groupSize;
  let queryAt = rowAt(params.qStrides, batch, head, sequence.queryRow + query);
  let row = rowOf(sequence, batch, head, query);
  let range = keyRange(sequence, query);

  var maximum = LOWEST;
  var sum = 0.0;
  var weighted = 0.0;
  for (var start = range.x; start < range.y; start += THREADS) {
    let count = min(THREADS, range.y - start);
    if (lane < count) {
      let keyAt = rowAt(params.kStrides, batch, kvHead, sequence.keyRow + keyRow(batch, start + lane));
      var product = 0.0;
      for (var d = 0u; d < params.headDim; d++) {
        product += f32(q[queryAt + d]) * keyElement(keyAt + d);
      }
      scores[lane] = scoreOf(product, row, start + lane);
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
      if (!isHidden(scores[j])) {
        let weight = weightOf(scores[j], maximum);
        sum += weight;
        let valueAt = rowAt(params.vStrides, batch, kvHead, sequence.keyRow + keyRow(batch, start + j));
        weighted += weight * valueElement(valueAt + readColumn);
      }
    }
    // The next scores must not replace these while another invocation still reads them.
    workgroupBarrier();
  }
  if (column < params.headDimV) {
    // Every column of a row stores the same logSumExp.
    let lseAt = rowAt(params.lseStrides, batch, head, sequence.queryRow + query);
    let factor = finishRow(maximum, sum, head, lseAt);
    o[rowAt(params.oStrides, batch, head, sequence.queryRow + query) + column] = Out(weighted * factor);
  }
}
