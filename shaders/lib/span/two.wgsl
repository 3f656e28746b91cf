// Two results that an invocation makes, from the two halves of a word at a time: drivers that run on a processor load halves one by
// one, which takes as long as a word each. Results come in pairs, of which the first starts at a word.
//
// Expects: keptOffset (lib/gridOffset), an operator (lib/reduce), storeState. Declares binding 1.
const WIDTH: u32 = 2u;

// That of the first.
alias Places = u32;

struct Span {
  a: State,
  b: State,
}

@group(0) @binding(1) var<storage, read> x: array<u32>;

fn emptySpan() -> Span {
  return Span(identity(), identity());
}

fn combineSpans(p: Span, q: Span) -> Span {
  return Span(combine(p.a, q.a), combine(p.b, q.b));
}

fn placesOf(first: u32, lane: u32, lanes: u32) -> Places {
  return first + 2u * lane;
}

fn startsOf(places: Places) -> Places {
  return keptOffset(min(places, params.kept - 2u));
}

fn liftSpan(at: Places, index: u32) -> Span {
  let v = vec2<Acc>(bitcast<vec2<f16>>(x[at / 2u]));
  return Span(lift(v.x, index), lift(v.y, index));
}

fn storeSpan(places: Places, part: u32, span: Span) {
  storeState(places, part, span.a);
  storeState(places + 1u, part, span.b);
}
