// y[b] = the number of elements of x in bin b: see params.wgsl.
//
// A workgroup counts every so many-th element in workgroup memory, where collisions are cheap, and adds its counts to y,
// which was cleared before.
//
// Expects: Elem; BINS, no less than params.bins; Params (params.wgsl), binOf (lib/bin).

const WORKGROUP_SIZE: u32 = 256u;
const UNROLL: u32 = 4u;

@group(0) @binding(1) var<storage, read> x: array<Elem>;
@group(0) @binding(2) var<storage, read_write> y: array<atomic<u32>>;

// The last is for elements that are in no bin.
var<workgroup> counts: array<atomic<u32>, BINS + 1u>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  for (var bin = local; bin <= BINS; bin += WORKGROUP_SIZE) {
    atomicStore(&counts[bin], 0u);
  }
  workgroupBarrier();
  let stride = grid.x * WORKGROUP_SIZE;
  for (var first = workgroup.x * WORKGROUP_SIZE + local; first < params.length; first += UNROLL * stride) {
    for (var u = 0u; u < UNROLL; u++) {
      let i = first + u * stride;
      if (i < params.length) {
        atomicAdd(&counts[binOf(x[i])], 1u);
      }
    }
  }
  workgroupBarrier();
  for (var bin = local; bin < params.bins; bin += WORKGROUP_SIZE) {
    let count = atomicLoad(&counts[bin]);
    if (count > 0u) {
      atomicAdd(&y[bin], count);
    }
  }
}
