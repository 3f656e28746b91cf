// dQ[i, c] = scale * sum over keys of dS[i, key] k[key, c] of one head, with dS = slope * p * (dO[i] . v[key] - D[i]).
//
// A workgroup makes 64 neighbouring elements of one row. It walks over the keys that the row sees, 64 at a time: each
// invocation makes dS of one key, then each adds all 64 keys to its own column.
//
// Expects: Elem, Out; GOES_ON: whether dq has the sums over other keys, to which these are added; Params (params.wgsl), sequenceOf, keyRange, rowAt (range.wgsl), scoreOf, slopeOf (score.wgsl), softmax.wgsl,
// keyRow, keyElement, valueElement, statisticAt, workgroupIndex.

const THREADS: u32 = 64u;

@group(0) @binding(1) var<storage, read> q: array<Elem>;
@group(0) @binding(4) var<storage, read> gradient: array<Elem>;
@group(0) @binding(15) var<storage, read_write> dq: array<Out>;

var<workgroup> changes: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let columnBlocks = (params.headDim + THREADS - 1u) / THREADS;
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
  // Invocations beyond the last column need one that they may read.
  let readColumn = min(column, params.headDim - 1u);
  let kvHead = head / params.groupSize;
  let queryAt = rowAt(params.qStrides, batch, head, sequence.queryRow + query);
  let gradientAt = rowAt(params.oStrides, batch, head, sequence.queryRow + query);
  let statistic = statisticAt(rowAt(params.lseStrides, batch, head, sequence.queryRow + query));
  let row = rowOf(sequence, batch, head, query);
  let range = keyRange(sequence, query);

  var sum = 0.0;
  for (var start = range.x; start < range.y; start += THREADS) {
    let count = min(THREADS, range.y - start);
    if (lane < count) {
      let number = sequence.keyRow + keyRow(batch, start + lane);
      let keyAt = rowAt(params.kStrides, batch, kvHead, number);
      var product = 0.0;
      for (var d = 0u; d < params.headDim; d++) {
        product += f32(q[queryAt + d]) * keyElement(keyAt + d);
      }
      let score = scoreOf(product, row, start + lane);
      changes[lane] = 0.0;
      if (!isHidden(score)) {
        let valueAt = rowAt(params.vStrides, batch, kvHead, number);
        var change = 0.0;
        for (var d = 0u; d < params.headDimV; d++) {
          change += f32(gradient[gradientAt + d]) * valueElement(valueAt + d);
        }
        changes[lane] = slopeOf(product) * exp2(score - statistic.x) * (change - statistic.y);
      }
    }
    workgroupBarrier();
    for (var j = 0u; j < count; j++) {
      // Hidden keys may hold anything. Adapters say of NaN neither that it equals zero nor that it does not.
      if (!(changes[j] == 0.0)) {
        let keyAt = rowAt(params.kStrides, batch, kvHead, sequence.keyRow + keyRow(batch, start + j));
        sum += changes[j] * keyElement(keyAt + readColumn);
      }
    }
    // The next changes must not replace these while another invocation still reads them.
    workgroupBarrier();
  }
  if (column < params.headDim) {
    var result = sum * (params.scaleLog2 / LOG2E);
    if (GOES_ON) {
      result += f32(dq[queryAt + column]);
    }
    dq[queryAt + column] = Out(result);
  }
}
