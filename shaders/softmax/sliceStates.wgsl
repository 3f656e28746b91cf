// states[part, j] = the maximum of one part of column j and the sum of exp(x - maximum) over it: the first of three passes over columns that
// are longer than can be bound, see sliceParams.wgsl.
//
// A workgroup makes one part of 4 * COLUMNS columns, an invocation four of them.
//
// Expects: Elem; COLUMNS; Params, workgroupIndex, quadOf (lib/quad), Quad and what makes it (lib/softmaxQuad).

alias Acc = f32;

// Rows that are combined before they are added to the others, so that a long sum stays accurate.
const BLOCK: u32 = 64u;

@group(0) @binding(2) var<storage, read_write> states: array<vec2<f32>>;

@compute @workgroup_size(COLUMNS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) place: u32,
) {
  let task = workgroupIndex(workgroup, grid);
  let tiles = (params.inner + 4u * COLUMNS - 1u) / (4u * COLUMNS);
  let part = task / tiles;
  if (part >= params.parts) {
    return;
  }
  let columns = task % tiles * 4u * COLUMNS + quadOf(place, COLUMNS);
  // Columns past the last read what the last reads, and store nothing.
  let starts = min(columns, vec4<u32>(params.inner - 1u));
  let begin = min(part * params.partLength, params.length);
  let end = min(begin + params.partLength, params.length);
  var quad = emptyQuad();
  for (var block = begin; block < end; block += BLOCK) {
    let blockEnd = min(block + BLOCK, end);
    var own = emptyQuad();
    for (var i = block; i < blockEnd; i += 4u) {
      own = combineQuads(own, reduceFour(starts, i, 1u, blockEnd));
    }
    quad = combineQuads(quad, own);
  }
  let first = (params.firstPart + part) * params.inner;
  for (var c = 0u; c < 4u; c++) {
    if (columns[c] < params.inner) {
      states[first + columns[c]] = vec2<f32>(quad.largest[c], quad.sum[c]);
    }
  }
}
