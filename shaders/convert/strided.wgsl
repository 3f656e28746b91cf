// y[i] = x[offset + position of the i-th element of a grid of up to four axes], in another type if wanted, the last axis
// padded with zeros if wanted: a view made contiguous, a tensor converted, or an operand packed.
//
// One invocation makes one word of y, of 1, 2 or 4 elements; neighbouring invocations make neighbouring words. Of tensors larger
// than a binding, it makes those elements of words that are bound whose sources are bound too, and keeps the others, which other
// passes make.
//
// Expects: Params, workgroupIndex, broadcastOffset, Value and elementX (lib/elementX), PER_WORD and packY (lib/packY).

const WORKGROUP_SIZE: u32 = 256u;
const ELEMENT_BITS: u32 = 0xffffffffu >> (32u - 32u / PER_WORD);

struct Params {
  // Elements of y that are bound, and which of all the first is.
  elements: u32,
  first: u32,
  // Elements of x that are bound, and which of all the first is.
  sources: u32,
  firstSource: u32,
  offset: u32,
  // Elements of the last axis that x has.
  valid: u32,
  dims: vec4<u32>,
  strides: vec4<u32>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) invocation: u32,
) {
  let word = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + invocation;
  let first = word * PER_WORD;
  if (first >= params.elements) {
    return;
  }
  // Elements behind the last one, and behind those that x has, become zeros.
  var values: array<Value, PER_WORD>;
  var kept = 0u;
  for (var lane = 0u; lane < PER_WORD; lane++) {
    let i = params.first + first + lane;
    if (first + lane < params.elements && i % params.dims.w < params.valid) {
      // Those before the first are beyond the last, since they wrap around.
      let source = params.offset + broadcastOffset(i, params.dims, params.strides) - params.firstSource;
      if (source < params.sources) {
        values[lane] = elementX(source);
      } else {
        kept |= ELEMENT_BITS << (lane * (32u / PER_WORD));
      }
    }
  }
  if (kept == 0u) {
    y[word] = packY(values);
  } else if (kept != 0xffffffffu) {
    y[word] = (y[word] & kept) | (packY(values) & ~kept);
  }
}
