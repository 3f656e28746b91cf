// Rows of a gradient, rounded from their sums in f32, which lie as they do.
//
// One invocation makes one element.
//
// Expects: Elem; workgroupIndex.

const THREADS: u32 = 64u;

struct Params {
  // Sequences, heads of each, rows and their elements.
  counts: vec4<u32>,
  // From one sequence, head and row to the next, and where the first begins.
  strides: vec4<u32>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<Elem>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let number = workgroupIndex(workgroup, grid) * THREADS + index;
  let slot = number / params.counts.w;
  let row = slot % params.counts.z;
  let head = slot / params.counts.z % params.counts.y;
  let batch = slot / params.counts.z / params.counts.y;
  if (batch >= params.counts.x) {
    return;
  }
  let begin = params.strides.w + batch * params.strides.x + head * params.strides.y + row * params.strides.z;
  let at = begin + number % params.counts.w;
  gradient[at] = Elem(sums[at]);
}
