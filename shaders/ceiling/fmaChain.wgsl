// y[i] = x[i] after `rounds` x ROUND steps of multiply-adds (`advance`): arithmetic on registers and nothing else, whose speed is
// the ceiling of every kernel that computes without matrix units.
//
// An invocation takes CHAINS vectors of four through the recurrence side by side. The chains do not depend on each other,
// so that the latency of one multiply-add is hidden behind those of the others; they are named one by one rather than
// indexed, because a compiler may put an indexed array into memory. All of them are stored: nothing can be left out.
//
// Expects: Elem; Params, Step, stepOf and advance (lib/advance); workgroupIndex.

const WORKGROUP_SIZE: u32 = 256u;
const CHAINS: u32 = 8u;
// Steps between two looks at the loop's dynamic bound.
const ROUND: u32 = 16u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<Elem>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<Elem>>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let group = workgroupIndex(workgroup, grid);
  let invocation = group * WORKGROUP_SIZE + local;
  if (invocation >= params.invocations) {
    return;
  }
  let by = stepOf(params);
  let first = invocation * CHAINS;
  var x0 = x[first];
  var x1 = x[first + 1u];
  var x2 = x[first + 2u];
  var x3 = x[first + 3u];
  var x4 = x[first + 4u];
  var x5 = x[first + 5u];
  var x6 = x[first + 6u];
  var x7 = x[first + 7u];
  for (var round = 0u; round < params.rounds; round++) {
    for (var step = 0u; step < ROUND; step++) {
      x0 = advance(x0, by);
      x1 = advance(x1, by);
      x2 = advance(x2, by);
      x3 = advance(x3, by);
      x4 = advance(x4, by);
      x5 = advance(x5, by);
      x6 = advance(x6, by);
      x7 = advance(x7, by);
    }
  }
  y[first] = x0;
  y[first + 1u] = x1;
  y[first + 2u] = x2;
  y[first + 3u] = x3;
  y[first + 4u] = x4;
  y[first + 5u] = x5;
  y[first + 6u] = x6;
  y[first + 7u] = x7;
}
