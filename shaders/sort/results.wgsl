// Results of pairs that are sorted: the last pass of a radix sort.
//
// One invocation stores one result.
//
// Expects: Params (params.wgsl), workgroupIndex, pairAt (lib/sortSource), storeSorted (lib/sorted).

const WORKGROUP_SIZE: u32 = 256u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let result = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + local;
  if (result < params.rows * params.count) {
    let row = result / params.count;
    let rank = result % params.count;
    storeSorted(row, rank, pairAt(row, rank));
  }
}
