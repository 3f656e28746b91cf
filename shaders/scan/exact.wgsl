// y[o, i, j] = x[o, 0, j] + … + x[o, i, j], for an operator whose state is no scalar, as that of exact sums: see params.wgsl.
//
// One invocation goes through a row, or one of params.parts of it, state after state. Where rows are cut into parts, their
// totals are made first, scanned in the same way, and each part starts from what came before it.
//
// Expects: Params (params.wgsl), lineOf (lib/lines), workgroupIndex, an operator (lib/reduce), stateAt (lib/scanSource),
// firstCarry (lib/carry), emitState and emitTotal (lib/emitState).

const WORKGROUP_SIZE: u32 = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let task = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + local;
  if (task >= params.rows * params.parts) {
    return;
  }
  let line = lineOf(task);
  var sum = firstCarry(task);
  for (var i = line.begin; i < line.end; i++) {
    let before = sum;
    sum = combine(before, stateAt(line, i));
    emitState(line, i, before, sum);
  }
  emitTotal(task, sum);
}

// Where the i-th element of a row is, in the order of the scan.
fn addressOf(line: Line, i: u32) -> u32 {
  return line.start + params.inner * select(i, line.length - 1u - i, params.reverse == 1u);
}
