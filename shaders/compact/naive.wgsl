// y = the elements that are kept, in their order, then zeros; total = how many are kept: see params.wgsl.
//
// One invocation takes care of one element, reading the whole mask. Always legal, never fast: the kernel that the others
// are measured against.
//
// Expects: isKept (params.wgsl), workgroupIndex, keep and keepNothing (lib/compacted).

const WORKGROUP_SIZE: u32 = 64u;

@group(0) @binding(2) var<storage, read_write> total: array<u32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + local;
  var before = 0u;
  var all = 0u;
  for (var other = 0u; other < params.length; other++) {
    let kept = u32(isKept(other));
    before += select(0u, kept, other < i);
    all += kept;
  }
  if (i == 0u) {
    total[0] = all;
  }
  if (i < params.length) {
    if (isKept(i)) {
      keep(before, i);
    }
    if (i >= all) {
      keepNothing(i);
    }
  }
}
