// y[i] = x[i] ^ x[i + n] ^ x[i + 2 n] ^ … for the n invocations of a run, `perInvocation` vectors of 16 bytes each, and so on for the next
// run: reading memory and doing next to nothing with it, whose speed is the ceiling of every kernel that makes little out of much.
//
// In each step the invocations of a run take neighbouring vectors. Four loads are independent of each other, and an exact
// operation joins them, so that the result can be checked bit by bit. One vector in `perInvocation` is written.
//
// Expects: workgroupIndex.

const WORKGROUP_SIZE: u32 = 256u;
// Loads that are under way at once; perInvocation is a multiple of it.
const UNROLL: u32 = 4u;

struct Params {
  // Of all runs, and of each.
  invocations: u32,
  perInvocation: u32,
  neighbours: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<u32>>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let invocation = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + local;
  if (invocation >= params.invocations) {
    return;
  }
  let stride = params.neighbours;
  let run = invocation / stride;
  var sum = vec4<u32>();
  var v = run * params.perInvocation * stride + invocation % stride;
  for (var step = 0u; step < params.perInvocation; step += UNROLL) {
    sum ^= (x[v] ^ x[v + stride]) ^ (x[v + 2u * stride] ^ x[v + 3u * stride]);
    v += UNROLL * stride;
  }
  y[invocation] = sum;
}
