// y[o] = finish(combine over r of lift(x[offset(o) + offset(r)])): see params.wgsl.
//
// One invocation makes one element of y, reading the elements one after the other. Always legal, never fast: the kernel
// that the others are measured against. Elements are combined in blocks of `chunk`, about the square root of their
// number, so that the rounding errors of a sum grow with the root only (Higham, "The Accuracy of Floating Point
// Summation", SIAM J. Sci. Comput. 14, 1993).
//
// Expects: Elem, Acc, Out; Params (params.wgsl), workgroupIndex, broadcastOffset, an operator (lib/reduce), finish.

const WORKGROUP_SIZE: u32 = 64u;

@group(0) @binding(1) var<storage, read> x: array<Elem>;
@group(0) @binding(2) var<storage, read_write> y: array<Out>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let o = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + local;
  if (o >= params.kept) {
    return;
  }
  let start = broadcastOffset(o, params.keptDims, params.keptStrides);
  var state = identity();
  for (var part = 0u; part < params.split; part++) {
    let end = min((part + 1u) * params.chunk, params.reduced);
    var block = identity();
    for (var r = part * params.chunk; r < end; r++) {
      let offset = broadcastOffset(r, params.reducedDims, params.reducedStrides);
      block = combine(block, lift(Acc(x[start + offset]), params.first + r));
    }
    state = combine(state, block);
  }
  y[o] = finish(state, params.reduced, params.divisor);
}
