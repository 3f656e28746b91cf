// destination[v] = (value, value, value, value) for `vectors` vectors of 16 bytes: writing memory and reading none of it, whose speed
// is the ceiling of every kernel that makes much out of little.
//
// A workgroup writes a run of WORKGROUP_SIZE x PER_INVOCATION vectors; in each step its invocations take neighbouring vectors.
//
// Expects: PER_INVOCATION; workgroupIndex. After BabelStream's fill (Deakin et al., IJCSE 2018).

const WORKGROUP_SIZE: u32 = 256u;

struct Params {
  vectors: u32,
  value: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> destination: array<vec4<u32>>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) invocation: u32,
) {
  let first = workgroupIndex(workgroup, grid) * (WORKGROUP_SIZE * PER_INVOCATION) + invocation;
  for (var step = 0u; step < PER_INVOCATION; step++) {
    let v = first + step * WORKGROUP_SIZE;
    if (v < params.vectors) {
      destination[v] = vec4<u32>(params.value);
    }
  }
}
