// The position of x[o, i, j] in its sorted row is the number of elements that come before it: see params.wgsl.
//
// One invocation finds the position of one element by reading the whole row. Always legal, never fast: the kernel that
// the others are measured against.
//
// Expects: Params and comesBefore (params.wgsl), workgroupIndex, pairAt (lib/sortSource), storeSorted (lib/sorted).

const WORKGROUP_SIZE: u32 = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let element = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + local;
  if (element >= params.rows * params.length) {
    return;
  }
  let row = element / params.length;
  let own = pairAt(row, element % params.length);
  var rank = 0u;
  for (var i = 0u; i < params.length; i++) {
    rank += u32(comesBefore(pairAt(row, i), own));
  }
  if (rank < params.count) {
    storeSorted(row, rank, own);
  }
}
