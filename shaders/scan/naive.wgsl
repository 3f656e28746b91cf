// y[o, i, j] = x[o, 0, j] + … + x[o, i, j], for + any associative operator: see params.wgsl.
//
// One invocation scans one row, element after element. Always legal, never fast: the kernel that the others are measured
// against. Elements are combined in blocks of `chunk`, about the square root of their number, so that the rounding
// errors of a sum grow with the root only, as in reduction/naive.wgsl.
//
// Expects: Elem, Acc, Out; Params (params.wgsl), workgroupIndex, an operator (lib/reduce), finish.

const WORKGROUP_SIZE: u32 = 64u;

@group(0) @binding(1) var<storage, read> x: array<Elem>;
@group(0) @binding(2) var<storage, read_write> y: array<Elem>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let row = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + local;
  if (row >= params.rows) {
    return;
  }
  let start = row / params.inner * (params.length * params.inner) + row % params.inner;
  var carry = identity();
  for (var part = 0u; part < params.parts; part++) {
    let end = min((part + 1u) * params.chunk, params.length);
    var block = identity();
    for (var i = part * params.chunk; i < end; i++) {
      let at = start + params.inner * select(i, params.length - 1u - i, params.reverse == 1u);
      let before = block;
      block = combine(block, lift(Acc(x[at]), i));
      y[at] = Elem(finish(combine(carry, select(block, before, params.exclusive == 1u)), 1u));
    }
    carry = combine(carry, block);
  }
}
