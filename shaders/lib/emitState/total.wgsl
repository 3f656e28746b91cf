// What a scan of states leaves behind: all of each task combined, for a later pass.
//
// Expects: Line (lib/lines), an operator (lib/reduce). Declares binding 2.
@group(0) @binding(2) var<storage, read_write> totals: array<State>;

fn emitState(line: Line, i: u32, before: State, after: State) {
}

fn emitTotal(task: u32, total: State) {
  totals[task] = total;
}
