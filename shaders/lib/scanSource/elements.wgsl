// What a scan of states goes through: the elements of x.
//
// Expects: Elem, Acc; Params (scan/params.wgsl), Line (lib/lines), an operator (lib/reduce). Declares binding 1.
@group(0) @binding(1) var<storage, read> x: array<Elem>;

fn stateAt(line: Line, i: u32) -> State {
  return lift(Acc(x[addressOf(line, i)]), i);
}
