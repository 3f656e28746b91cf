// destination[v] = source[v] for `vectors` vectors of 16 bytes: the plainest use of memory, whose speed is the ceiling
// of every kernel that has to move its operands.
//
// A workgroup copies a run of WORKGROUP_SIZE x PER_INVOCATION vectors; in each step its invocations take neighbouring
// vectors, and all loads of an invocation are independent, so that many are under way at once.
//
// Expects: PER_INVOCATION; workgroupIndex. After BabelStream's copy kernel (Deakin et al., IJCSE 2018).

const WORKGROUP_SIZE: u32 = 256u;

struct Params {
  vectors: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> destination: array<vec4<u32>>;

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
      destination[v] = source[v];
    }
  }
}
