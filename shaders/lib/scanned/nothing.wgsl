// What a scan leaves behind: no element of the result.
//
// Expects: Line (lib/lines), an operator (lib/reduce).

fn emitQuad(line: Line, i: u32, before: State, states: vec4<State>) {
}
