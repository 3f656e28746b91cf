// What a scan of states leaves behind: for each of them, those before it combined.
//
// Expects: Params (scan/params.wgsl), Line (lib/lines), an operator (lib/reduce). Declares binding 2.
@group(0) @binding(2) var<storage, read_write> sums: array<State>;

fn emitState(line: Line, i: u32, before: State, after: State) {
  sums[addressOf(line, i)] = before;
}

fn emitTotal(task: u32, total: State) {
}
