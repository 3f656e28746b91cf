// Rows of x four elements at a time. `i` counts a row's elements in the order of the scan, so from its end if the scan
// runs in reverse.
//
// Expects: Elem, Acc; Params (params.wgsl), Line (lib/lines), loadQuad (lib/quad), an operator (lib/reduce).

const FOUR: vec4<u32> = vec4<u32>(0u, 1u, 2u, 3u);

// Where four elements are, in ascending order; those past the end of the row are taken for its last. Of a row without
// elements that is where it would start.
fn positions(line: Line, i: u32) -> vec4<u32> {
  let last = max(line.length, 1u) - 1u;
  let ordered = min(i + FOUR, vec4<u32>(last));
  return line.start + params.inner * select(ordered, (last - ordered).wzyx, params.reverse == 1u);
}

fn loadStates(line: Line, i: u32) -> vec4<State> {
  let loaded = loadQuad(positions(line, i));
  let v = select(loaded, loaded.wzyx, params.reverse == 1u);
  let lifted = vec4<State>(lift(v.x, i), lift(v.y, i + 1u), lift(v.z, i + 2u), lift(v.w, i + 3u));
  return select(vec4<State>(identity()), lifted, i + FOUR < vec4<u32>(line.end));
}

fn combineQuad(states: vec4<State>) -> State {
  return combine(combine(states.x, states.y), combine(states.z, states.w));
}
