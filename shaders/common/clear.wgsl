// words[i] = 0, for passes that count in them.
//
// One invocation clears one word. A pass of its own, since the workgroups of a dispatch have no common beginning.
//
// Expects: workgroupIndex.

const WORKGROUP_SIZE: u32 = 256u;

struct Params {
  count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + local;
  if (i < params.count) {
    words[i] = 0u;
  }
}
