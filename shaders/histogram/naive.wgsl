// y[b] = the number of elements of x in bin b: see params.wgsl.
//
// One invocation counts one element in the buffer of counts itself, which was cleared before. Always legal; slow where
// many elements share a bin.
//
// Expects: Elem; Params (params.wgsl), workgroupIndex, binOf (lib/bin).

const WORKGROUP_SIZE: u32 = 256u;

@group(0) @binding(1) var<storage, read> x: array<Elem>;
@group(0) @binding(2) var<storage, read_write> y: array<atomic<u32>>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + local;
  if (i < params.length) {
    let bin = binOf(x[i]);
    if (bin < params.bins) {
      atomicAdd(&y[bin], 1u);
    }
  }
}
