// y[o, i, j] = x[o, 0, j] + … + x[o, i, j], for + any associative operator: see params.wgsl.
//
// One invocation scans one row, element after element. Always legal, never fast: the kernel that the others are measured
// against. Elements are combined in blocks, as many as each has elements, so that the rounding errors of a sum
// grow with the root of the length only, as in reduction/naive.wgsl.
//
// Expects: Elem, Acc, Out; Params (params.wgsl), lineOf (lib/lines), workgroupIndex, an operator (lib/reduce), finish, firstCarry
// (lib/carry), emitTotal (lib/scanTotal).

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
  let line = lineOf(row);
  let block = max(1u, u32(sqrt(f32(line.length))));
  var carry = firstCarry(row);
  for (var begin = 0u; begin < line.length; begin += block) {
    let end = min(begin + block, line.length);
    var own = identity();
    for (var i = begin; i < end; i++) {
      let at = line.start + params.inner * select(i, line.length - 1u - i, params.reverse == 1u);
      let before = own;
      own = combine(own, lift(Acc(x[at]), i));
      var sum = own;
      if (params.exclusive == 1u) {
        sum = before;
      }
      y[at] = Elem(finish(combine(carry, sum), 1u, 1.0));
    }
    carry = combine(carry, own);
  }
  emitTotal(row, carry);
}
