// What a task of a scan leaves to others: all its elements combined, for a later pass.
//
// Expects: an operator (lib/reduce). Declares binding 2.
@group(0) @binding(2) var<storage, read_write> totals: array<State>;

fn emitTotal(task: u32, total: State) {
  totals[task] = total;
}
