// o[row] = sum over sets of 2^(s - M) partial[set, row] / sum over sets of 2^(s - M), where s is the logarithm of a set's sum of
// exponentials, and M the largest of them.
//
// Joins what attention to several sets of keys gave, each with a softmax of its own. One invocation makes one element of o; the
// sets are added in order, so that the result is the same from run to run.
//
// Expects: Out; Params (params.wgsl), of which `splits` is the number of sets; rowAt (range.wgsl), LOWEST, LOG2E and finishRow
// (softmax.wgsl), workgroupIndex.

const THREADS: u32 = 64u;

// [sets, batch, heads, rows, headDimV], and their logarithms.
@group(0) @binding(1) var<storage, read> partials: array<f32>;
@group(0) @binding(2) var<storage, read> partialSums: array<f32>;
@group(0) @binding(4) var<storage, read_write> o: array<Out>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let rows = params.batch * params.heads * params.seqLenQ;
  let at = workgroupIndex(workgroup, grid) * THREADS + index;
  let slot = at / params.headDimV;
  if (slot >= rows) {
    return;
  }
  let row = slot % params.seqLenQ;
  let head = slot / params.seqLenQ % params.heads;
  let batch = slot / params.seqLenQ / params.heads;
  var maximum = LOWEST;
  for (var which = 0u; which < params.splits; which++) {
    maximum = max(maximum, partialSums[which * rows + slot] * LOG2E);
  }
  var sum = 0.0;
  var weighted = 0.0;
  for (var which = 0u; which < params.splits; which++) {
    let factor = exp2(partialSums[which * rows + slot] * LOG2E - maximum);
    sum += factor;
    weighted += factor * partials[which * rows * params.headDimV + at];
  }
  let place = params.queryBegin + row;
  let factor = finishRow(maximum, sum, head, rowAt(params.lseStrides, batch, head, place));
  o[rowAt(params.oStrides, batch, head, place) + at % params.headDimV] = Out(weighted * factor);
}
