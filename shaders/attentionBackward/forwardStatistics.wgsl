// For each query, from what the forward pass gave: the base-2 logarithm of the sum of its exponentials, and D = dO . o, which is
// the sum over keys of p[key] dO . v[key].
//
// A workgroup makes ROWS rows, with LANES invocations each, of which every one adds up every LANES-th product; the first adds
// up their sums, in order.
//
// Expects: Elem; Params (params.wgsl) with strides in elements, sequenceOf, rowAt (range.wgsl), LOG2E (softmax.wgsl),
// storeStatistic, workgroupIndex.

const ROWS: u32 = 8u;
const LANES: u32 = 8u;

@group(0) @binding(4) var<storage, read> gradient: array<Elem>;
@group(0) @binding(15) var<storage, read> o: array<Elem>;
@group(0) @binding(16) var<storage, read> logSumExp: array<f32>;

var<workgroup> partials: array<f32, ROWS * LANES>;

@compute @workgroup_size(ROWS * LANES)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let number = workgroupIndex(workgroup, grid) * ROWS + index / LANES;
  let query = number % params.seqLenQ;
  let head = number / params.seqLenQ % params.heads;
  let batch = number / params.seqLenQ / params.heads;
  let sequence = sequenceOf(min(batch, params.batch - 1u));
  let exists = batch < params.batch && query < sequence.seqLenQ;
  let row = sequence.queryRow + query;
  if (exists) {
    let at = rowAt(params.oStrides, batch, head, row);
    var sum = 0.0;
    for (var d = index % LANES; d < params.headDimV; d += LANES) {
      sum += f32(gradient[at + d]) * f32(o[at + d]);
    }
    partials[index] = sum;
  }
  workgroupBarrier();
  if (exists && index % LANES == 0u) {
    var sum = 0.0;
    for (var other = index; other < index + LANES; other++) {
      sum += partials[other];
    }
    let at = rowAt(params.lseStrides, batch, head, row);
    storeStatistic(at, vec2<f32>(logSumExp[at] * LOG2E, sum));
  }
}
