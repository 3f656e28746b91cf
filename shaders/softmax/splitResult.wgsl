// y[o, i] = exp(x[o, i] - m) / sum, with m the largest of the maxima of the row's parts and the sum made of theirs, parts [rows, states],
// or the logarithm of that: the second of two passes, see split.wgsl.
//
// LANES invocations make one part, a workgroup ROWS of them.
//
// Expects: Elem; LANES, ROWS; workgroupIndex, quadOf and loadQuad (lib/quad), storeQuad (lib/quadStore), the operator of softmax
// (lib/reduce), groupReduce, softmaxResult4.

alias Acc = f32;

struct Params {
  rows: u32,
  length: u32,
  split: u32,
  // A multiple of 4; the last part may be shorter, or empty.
  partLength: u32,
  // Parts of a row: more than `split` where x and y are a slice of it.
  states: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read> parts: array<State>;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let task = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  let row = min(task / params.split, params.rows - 1u);
  var state = identity();
  for (var part = place % LANES; part < params.states; part += LANES) {
    state = combine(state, parts[row * params.states + part]);
  }
  let whole = groupReduce(state, invocation);
  if (task >= params.rows * params.split) {
    return;
  }
  let start = min(task % params.split * params.partLength, params.length);
  let end = row * params.length + min(start + params.partLength, params.length);
  for (var begin = row * params.length + start; begin < end; begin += 4u * LANES) {
    let at = begin + quadOf(place % LANES, LANES);
    let x = loadQuad(min(at, vec4<u32>(end - 1u)));
    storeQuad(at, at < vec4<u32>(end), softmaxResult4(x, vec4<f32>(whole.x), vec4<f32>(whole.y)));
  }
}
