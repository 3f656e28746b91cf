// What a scan leaves behind: all elements of each task combined, for a later pass.
//
// Expects: an operator (lib/reduce). Declares binding 2.
@group(0) @binding(2) var<storage, read_write> totals: array<State>;

fn emitQuad(line: Line, i: u32, before: State, states: vec4<State>) {
}

fn emitTotal(task: u32, total: State) {
  totals[task] = total;
}
