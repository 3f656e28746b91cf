// What a task of a scan leaves to others where every row is one task: nothing.
//
// Expects: an operator (lib/reduce).

fn emitTotal(task: u32, total: State) {
}
