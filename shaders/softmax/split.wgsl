// parts[o, part] = the maximum of one part of x[o, ...], and the sum of exp(x - maximum) over it: the first of two passes over rows
// without gaps that are few and long, each cut into `split` parts of `partLength` elements.
//
// LANES invocations make one part, a workgroup ROWS of them. An invocation has 16 elements in flight.
//
// Expects: Elem; LANES, ROWS; workgroupIndex, quadOf (lib/quad), the operator of softmax (lib/reduce), groupReduce, STRETCH and
// reduceStretch (lib/softmaxStretch).

alias Acc = f32;

struct Params {
  rows: u32,
  length: u32,
  split: u32,
  // A multiple of 4; the last part may be shorter, or empty.
  partLength: u32,
  // Of splitResult.wgsl.
  states: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> parts: array<State>;

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let task = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  // Invocations without a row read the last one, and store nothing.
  let row = min(task / params.split, params.rows - 1u);
  let start = min(task % params.split * params.partLength, params.length);
  let end = row * params.length + min(start + params.partLength, params.length);

  var state = identity();
  for (var at = row * params.length + start; at < end; at += STRETCH) {
    state = combine(state, reduceStretch(at + quadOf(place % LANES, LANES), end));
  }
  let whole = groupReduce(state, invocation);
  if (place % LANES == 0u && task < params.rows * params.split) {
    parts[task] = whole;
  }
}
