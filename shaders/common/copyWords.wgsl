// words[params.at + i] = source[i], for passes that find what lies in several buffers in one.
//
// One invocation copies one word.
//
// Expects: workgroupIndex.

const WORKGROUP_SIZE: u32 = 256u;

struct Params {
  count: u32,
  at: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<u32>;
@group(0) @binding(2) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + local;
  if (i < params.count) {
    words[params.at + i] = source[i];
  }
}
