// y[s, j] = finish(states[s, j]), of the states that all slices of x together have left: see groups.wgsl.
//
// One invocation stores one result.
//
// Expects: Out; workgroupIndex, an operator (lib/reduce), finish.

const WORKGROUP_SIZE: u32 = 256u;

struct Params {
  // segments * inner.
  results: u32,
  inner: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> states: array<State>;
@group(0) @binding(2) var<storage, read> offsets: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<Out>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let result = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + local.x;
  if (result < params.results) {
    let segment = result / params.inner;
    let count = offsets[segment + 1u] - offsets[segment];
    y[result] = finish(states[result], count, f32(count));
  }
}
