// What a task of a scan starts from where rows are cut into parts: all elements before its own, which an earlier pass
// combined.
//
// Expects: an operator (lib/reduce). Declares binding 3.
@group(0) @binding(3) var<storage, read> prefixes: array<State>;

fn firstCarry(task: u32) -> State {
  return prefixes[task];
}
