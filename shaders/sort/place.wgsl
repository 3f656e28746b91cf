// Results of a slab of the axis that is sorted, of which each element's place among all is known (rank.wgsl): those whose
// place is within the stretch of the results that is bound.
//
// One invocation stores one result, or none. `positions` and `ranks` are [pairs, inner]; positions are those within the slab.
//
// Expects: Params (params.wgsl), workgroupIndex, storeSorted (lib/sorted).

@group(0) @binding(1) var<storage, read> positions: array<u32>;
@group(0) @binding(5) var<storage, read> ranks: array<u32>;

const WORKGROUP_SIZE: u32 = 256u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let task = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + local;
  if (task >= params.pairs * params.inner) {
    return;
  }
  // Wraps around for what comes before the stretch, to more than any count.
  let rank = ranks[task] - params.firstRank;
  if (rank < params.count) {
    storeSorted(task % params.inner, rank, vec2<u32>(0u, positions[task]));
  }
}
