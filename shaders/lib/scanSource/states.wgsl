// What a scan of states goes through: states that an earlier pass has made.
//
// Expects: Params (scan/params.wgsl), Line (lib/lines), an operator (lib/reduce). Declares binding 1.
@group(0) @binding(1) var<storage, read> states: array<State>;

fn stateAt(line: Line, i: u32) -> State {
  return states[addressOf(line, i)];
}
