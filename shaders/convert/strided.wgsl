// y[i] = x[offset + position of the i-th element of a grid of up to four axes], in another type if wanted, the last axis
// padded with zeros if wanted: a view made contiguous, a tensor converted, or an operand packed.
//
// An invocation makes WORDS words of y, of 1, 2 or 4 elements each; neighbouring invocations make neighbouring words. Of tensors larger
// than a binding, it makes those elements of words that are bound whose sources are bound too, and keeps the others, which other
// passes make.
//
// Expects: WORDS; AXES, how many of the grid's axes are used, where it says 1 or 2; WHOLE_ROWS, whether rows are of whole words; Params,
// workgroupIndex, Value and elementX (lib/elementX), PER_WORD and packY (lib/packY).

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

struct Source {
  // Among those that are bound; before the first it wraps around.
  at: u32,
  // Along the last axis.
  column: u32,
}

// Of the i-th element of y. Divisions are what costs most.
fn sourceOf(i: u32) -> Source {
  let begin = params.offset - params.firstSource;
  if (AXES == 1u) {
    return Source(begin + i * params.strides.w, i);
  }
  let row = i / params.dims.w;
  let column = i % params.dims.w;
  let inRow = begin + column * params.strides.w;
  if (AXES == 2u) {
    return Source(inRow + row * params.strides.z, column);
  }
  let outer = row / params.dims.z;
  let strides = params.strides.xyz;
  return Source(inRow + dot(vec3<u32>(outer / params.dims.y, outer % params.dims.y, row % params.dims.z), strides), column);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) invocation: u32,
) {
  let begin = workgroupIndex(workgroup, grid) * (WORKGROUP_SIZE * WORDS) + invocation;
  for (var step = 0u; step < WORDS; step++) {
    let word = begin + step * WORKGROUP_SIZE;
    if (word * PER_WORD < params.elements) {
      makeWord(word);
    }
  }
}

fn makeWord(word: u32) {
  let first = word * PER_WORD;
  // Elements behind the last one, and behind those that x has, become zeros.
  var values: array<Value, PER_WORD>;
  var kept = 0u;
  var source = sourceOf(params.first + first);
  for (var lane = 0u; lane < PER_WORD; lane++) {
    if (lane > 0u) {
      if (WHOLE_ROWS) {
        source = Source(source.at + params.strides.w, source.column + 1u);
      } else {
        source = sourceOf(params.first + first + lane);
      }
    }
    if (first + lane < params.elements && source.column < params.valid) {
      if (source.at < params.sources) {
        values[lane] = elementX(source.at);
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
