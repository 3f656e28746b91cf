// totals[j] = the maximum and the sum of column j, from those of all its parts: the second of three passes, see sliceStates.wgsl.
//
// One invocation makes one column.
//
// Expects: Params (sliceParams.wgsl), workgroupIndex, the operator of softmax (lib/reduce).

const WORKGROUP_SIZE: u32 = 64u;

@group(0) @binding(1) var<storage, read> states: array<State>;
@group(0) @binding(2) var<storage, read_write> totals: array<State>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) place: u32,
) {
  let column = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + place;
  if (column >= params.inner) {
    return;
  }
  var whole = identity();
  for (var part = 0u; part < params.allParts; part++) {
    whole = combine(whole, states[part * params.inner + column]);
  }
  totals[column] = whole;
}
