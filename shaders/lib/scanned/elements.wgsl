// What a scan leaves behind: every element of the result.
//
// Expects: Acc; Line (lib/lines), positions (scan/elements.wgsl), storeQuad (lib/quadStore), an operator (lib/reduce), finish.

// Stores the results of four elements, given their states and that of all elements before them.
fn emitQuad(line: Line, i: u32, before: State, states: vec4<State>) {
  let x = combine(before, states.x);
  let y = combine(x, states.y);
  let z = combine(y, states.z);
  let inclusive = vec4<State>(x, y, z, combine(z, states.w));
  let s = select(inclusive, vec4<State>(before, x, y, z), params.exclusive == 1u);
  let results = vec4<Acc>(finish(s.x, 1u, 1.0), finish(s.y, 1u, 1.0), finish(s.z, 1u, 1.0), finish(s.w, 1u, 1.0));
  let wanted = i + FOUR < vec4<u32>(line.end);
  let reverse = params.reverse == 1u;
  storeQuad(positions(line, i), select(wanted, wanted.wzyx, reverse), select(results, results.wzyx, reverse));
}
