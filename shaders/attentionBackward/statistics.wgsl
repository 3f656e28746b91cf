// For each query: the base-2 logarithm of the sum of its exponentials, and D = sum over keys of p[key] dO . v[key].
//
// A workgroup makes one row. Each invocation has every 64th of the keys that the row sees; it keeps their largest score, m, the
// sum of 2^(s - m), and the sum of 2^(s - m) dO . v, which are joined in order at the end.
//
// Expects: Elem; Params (params.wgsl), sequenceOf, keyRange, rowAt (range.wgsl), scoreOf (score.wgsl), softmax.wgsl,
// keyRow, keyElement, valueElement, storeStatistic, workgroupIndex.

const THREADS: u32 = 64u;

@group(0) @binding(1) var<storage, read> q: array<Elem>;
@group(0) @binding(4) var<storage, read> gradient: array<Elem>;

// m, the sum of weights, and that of weighted products.
var<workgroup> partials: array<vec3<f32>, THREADS>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let number = workgroupIndex(workgroup, grid);
  let query = number % params.seqLenQ;
  let head = number / params.seqLenQ % params.heads;
  let batch = number / params.seqLenQ / params.heads;
  if (batch >= params.batch) {
    return;
  }
  let sequence = sequenceOf(batch);
  if (query >= sequence.seqLenQ) {
    return;
  }
  let kvHead = head / params.groupSize;
  let queryAt = rowAt(params.qStrides, batch, head, sequence.queryRow + query);
  let gradientAt = rowAt(params.oStrides, batch, head, sequence.queryRow + query);
  let row = rowOf(sequence, batch, head, query);
  let range = keyRange(sequence, query);

  var maximum = LOWEST;
  var sum = 0.0;
  var weighted = 0.0;
  for (var key = range.x + lane; key < range.y; key += THREADS) {
    let number = sequence.keyRow + keyRow(batch, key);
    let keyAt = rowAt(params.kStrides, batch, kvHead, number);
    var product = 0.0;
    for (var d = 0u; d < params.headDim; d++) {
      product += f32(q[queryAt + d]) * keyElement(keyAt + d);
    }
    let score = scoreOf(product, row, key);
    if (!isHidden(score)) {
      let valueAt = rowAt(params.vStrides, batch, kvHead, number);
      var change = 0.0;
      for (var d = 0u; d < params.headDimV; d++) {
        change += f32(gradient[gradientAt + d]) * valueElement(valueAt + d);
      }
      let grown = max(maximum, score);
      let correction = exp2(maximum - grown);
      let weight = weightOf(score, grown);
      sum = sum * correction + weight;
      weighted = weighted * correction + weight * change;
      maximum = grown;
    }
  }
  partials[lane] = vec3<f32>(maximum, sum, weighted);
  workgroupBarrier();
  if (lane == 0u) {
    if (HAS_SINK) {
      maximum = max(maximum, sinkOf(head));
    }
    for (var other = 1u; other < THREADS; other++) {
      maximum = max(maximum, partials[other].x);
    }
    var total = vec2<f32>();
    if (HAS_SINK) {
      total.x = exp2(sinkOf(head) - maximum);
    }
    for (var other = 0u; other < THREADS; other++) {
      total += exp2(partials[other].x - maximum) * partials[other].yz;
    }
    let at = rowAt(params.lseStrides, batch, head, sequence.queryRow + query);
    storeStatistic(at, vec2<f32>(maximum + log2(total.x), total.y * normaliser(total.x)));
  }
}
