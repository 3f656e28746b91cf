// Four results that an invocation makes, from four elements at a time.
//
// Expects: quadOf and loadQuad (lib/quad), keptOffset (lib/gridOffset), an operator (lib/reduce), storeState.
const WIDTH: u32 = 4u;

alias Places = vec4<u32>;

struct Span {
  a: State,
  b: State,
  c: State,
  d: State,
}

fn emptySpan() -> Span {
  return Span(identity(), identity(), identity(), identity());
}

fn combineSpans(p: Span, q: Span) -> Span {
  return Span(combine(p.a, q.a), combine(p.b, q.b), combine(p.c, q.c), combine(p.d, q.d));
}

// The results of a lane, of those from `first` on that `lanes` of them share.
fn placesOf(first: u32, lane: u32, lanes: u32) -> Places {
  return first + quadOf(lane, lanes);
}

// Where their first elements are. Results past the last read what the last reads, and are not stored.
fn startsOf(places: Places) -> Places {
  let valid = min(places, vec4<u32>(params.kept - 1u));
  return vec4<u32>(keptOffset(valid.x), keptOffset(valid.y), keptOffset(valid.z), keptOffset(valid.w));
}

fn liftSpan(at: Places, index: u32) -> Span {
  let v = loadQuad(at);
  return Span(lift(v.x, index), lift(v.y, index), lift(v.z, index), lift(v.w, index));
}

fn storeSpan(places: Places, part: u32, span: Span) {
  storeState(places.x, part, span.a);
  storeState(places.y, part, span.b);
  storeState(places.z, part, span.c);
  storeState(places.w, part, span.d);
}
