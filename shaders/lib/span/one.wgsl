// The one result that an invocation makes, from an element at a time: drivers that run on a processor load elements one by one
// anyway, fastest where neighbouring invocations load neighbours, and keep more rows in flight with fewer of each.
//
// Expects: Elem, Acc; keptOffset (lib/gridOffset), an operator (lib/reduce), storeState. Declares binding 1.
const WIDTH: u32 = 1u;

alias Places = u32;
alias Span = State;

@group(0) @binding(1) var<storage, read> x: array<Elem>;

fn emptySpan() -> Span {
  return identity();
}

fn combineSpans(p: Span, q: Span) -> Span {
  return combine(p, q);
}

fn placesOf(first: u32, lane: u32, lanes: u32) -> Places {
  return first + lane;
}

fn startsOf(places: Places) -> Places {
  return keptOffset(min(places, params.kept - 1u));
}

fn liftSpan(at: Places, index: u32) -> Span {
  return lift(Acc(x[at]), index);
}

fn storeSpan(places: Places, part: u32, span: Span) {
  storeState(places, part, span);
}
