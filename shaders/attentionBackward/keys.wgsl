// dK[key, c] = scale * sum over queries of dS[i, key] q[i, c], and dV[key, c] = sum over queries of p[i, key] dO[i, c], over the
// queries of all heads that share a head of k and v; dS as in queries.wgsl.
//
// A workgroup makes 64 neighbouring elements of one row of both. It walks over the queries that see the key, 64 at a time,
// head by head: each invocation makes p and dS of one query, then each adds all 64 to its own column. The order is always
// the same, and so are the results.
//
// Expects: Elem, Out; GOES_ON: whether dk and dv have the sums over other queries, to which these are added; Params (params.wgsl),
// ownKeys.wgsl, sequenceOf, keyRange, rowAt (range.wgsl), scoreOf, slopeOf (score.wgsl), softmax.wgsl,
// keyRow, keyElement, valueElement, statisticAt, workgroupIndex.

const THREADS: u32 = 64u;

@group(0) @binding(1) var<storage, read> q: array<Elem>;
@group(0) @binding(4) var<storage, read> gradient: array<Elem>;
@group(0) @binding(15) var<storage, read_write> dk: array<Out>;
@group(0) @binding(16) var<storage, read_write> dv: array<Out>;

// dS and p.
var<workgroup> changes: array<vec2<f32>, THREADS>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let columnBlocks = (max(params.headDim, params.headDimV) + THREADS - 1u) / THREADS;
  let kvHeads = params.heads / params.groupSize;
  let block = workgroupIndex(workgroup, grid);
  let rows = ownKeyCount();
  let kvHead = block / columnBlocks / rows % kvHeads;
  let batch = block / columnBlocks / rows / kvHeads;
  if (batch >= params.batch) {
    return;
  }
  let sequence = sequenceOf(batch);
  let own = ownKeys(sequence);
  let key = own.x + block / columnBlocks % rows;
  if (key >= own.y) {
    return;
  }
  let column = block % columnBlocks * THREADS + lane;
  let number = sequence.keyRow + keyRow(batch, key);
  let keyAt = rowAt(params.kStrides, batch, kvHead, number);
  let valueAt = rowAt(params.vStrides, batch, kvHead, number);

  var keySum = 0.0;
  var valueSum = 0.0;
  for (var head = kvHead * params.groupSize; head < (kvHead + 1u) * params.groupSize; head++) {
    for (var start = 0u; start < sequence.seqLenQ; start += THREADS) {
      let query = start + lane;
      changes[lane] = vec2<f32>();
      let range = keyRange(sequence, query);
      if (query < sequence.seqLenQ && range.x <= key && key < range.y) {
        let queryAt = rowAt(params.qStrides, batch, head, sequence.queryRow + query);
        var product = 0.0;
        for (var d = 0u; d < params.headDim; d++) {
          product += f32(q[queryAt + d]) * keyElement(keyAt + d);
        }
        let score = scoreOf(product, rowOf(sequence, batch, head, query), key);
        if (!isHidden(score)) {
          let gradientAt = rowAt(params.oStrides, batch, head, sequence.queryRow + query);
          var change = 0.0;
          for (var d = 0u; d < params.headDimV; d++) {
            change += f32(gradient[gradientAt + d]) * valueElement(valueAt + d);
          }
          let statistic = statisticAt(rowAt(params.lseStrides, batch, head, sequence.queryRow + query));
          let p = exp2(score - statistic.x);
          changes[lane] = vec2<f32>(slopeOf(product) * p * (change - statistic.y), p);
        }
      }
      workgroupBarrier();
      for (var i = 0u; i < min(THREADS, sequence.seqLenQ - start); i++) {
        // Queries that do not see the key may hold anything. Adapters say of NaN neither that it equals zero nor that it does not.
        if (!(changes[i].x == 0.0) && column < params.headDim) {
          let queryAt = rowAt(params.qStrides, batch, head, sequence.queryRow + start + i);
          keySum += changes[i].x * f32(q[queryAt + column]);
        }
        if (!(changes[i].y == 0.0) && column < params.headDimV) {
          let gradientAt = rowAt(params.oStrides, batch, head, sequence.queryRow + start + i);
          valueSum += changes[i].y * f32(gradient[gradientAt + column]);
        }
      }
      // The next changes must not replace these while another invocation still reads them.
      workgroupBarrier();
    }
  }
  if (column < params.headDim) {
    var result = keySum * (params.scaleLog2 / LOG2E);
    if (GOES_ON) {
      result += f32(dk[keyAt + column]);
    }
    dk[keyAt + column] = Out(result);
  }
  if (column < params.headDimV) {
    if (GOES_ON) {
      valueSum += f32(dv[valueAt + column]);
    }
    dv[valueAt + column] = Out(valueSum);
  }
}
