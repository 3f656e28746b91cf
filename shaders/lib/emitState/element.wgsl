// What a scan of states leaves behind: every element of the result.
//
// Expects: Elem; Params (scan/params.wgsl), Line (lib/lines), an operator (lib/reduce), finish. Declares binding 2.
@group(0) @binding(2) var<storage, read_write> y: array<Elem>;

fn emitState(line: Line, i: u32, before: State, after: State) {
  if (params.exclusive == 1u) {
    y[addressOf(line, i)] = Elem(finish(before, 1u, 1.0));
  } else {
    y[addressOf(line, i)] = Elem(finish(after, 1u, 1.0));
  }
}

fn emitTotal(task: u32, total: State) {
}
