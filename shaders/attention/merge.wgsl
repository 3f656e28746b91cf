// o[row, c] = sum over splits of 2^(m - M) partials[split, row, c] / sum over splits of 2^(m - M) l, where M is the largest m.
//
// Joins what decode.wgsl made of the parts of the keys. One invocation makes one vector of four elements of o; the
// splits of a row are added in order, so that the result is the same from run to run.
//
// Expects: Out; Params (params.wgsl), sequenceOf, rowAt (range.wgsl), LOWEST and finishRow (softmax.wgsl), workgroupIndex.

const THREADS: u32 = 64u;

// For each split and row, c by c; behind all of these, for each of them m and l.
@group(0) @binding(1) var<storage, read> partials: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> o: array<vec4<Out>>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let vectors = params.headDimV / 4u;
  let rows = params.batch * params.heads * params.seqLenQ;
  let at = workgroupIndex(workgroup, grid) * THREADS + index;
  let row = at / vectors;
  if (row >= rows) {
    return;
  }
  let query = row % params.seqLenQ;
  let head = row / params.seqLenQ % params.heads;
  let batch = row / params.seqLenQ / params.heads;
  let sequence = sequenceOf(batch);
  if (query >= sequence.seqLenQ) {
    return;
  }
  let statsAt = params.splits * rows * vectors + row;
  var maximum = LOWEST;
  for (var split = 0u; split < params.splits; split++) {
    maximum = max(maximum, partials[statsAt + split * rows].x);
  }
  var sum = 0.0;
  var weighted = vec4<f32>();
  for (var split = 0u; split < params.splits; split++) {
    let stats = partials[statsAt + split * rows];
    let factor = exp2(stats.x - maximum);
    sum += factor * stats.y;
    weighted += factor * partials[split * rows * vectors + at];
  }
  // Every vector of a row stores the same logSumExp.
  let lseAt = rowAt(params.lseStrides, batch, head, sequence.queryRow + query);
  let factor = finishRow(maximum, sum, head, lseAt);
  let oAt = rowAt(params.oStrides, batch, head, sequence.queryRow + query);
  o[oAt + at % vectors] = vec4<Out>(weighted * factor);
}
