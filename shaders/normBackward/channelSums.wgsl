// partials[part, channel] = sums of dy n and of dy, n = (x - mean) / deviation, over one part of the elements of a channel: the second
// of three passes, after each row's mean and 1 / deviation are known. Each channel is cut into `split` parts of `chunk` elements, so
// that there is work for many invocations and no sum gets long; the order of all additions is fixed.
//
// One invocation makes one element of partials; neighbours have neighbouring channels.
//
// Expects: Elem; PLAIN, whether rows have no gaps and follow each other; SPATIAL, whether a channel has several elements of a row;
// workgroupIndex, broadcastOffset.

const WORKGROUP_SIZE: u32 = 64u;

struct Params {
  // Elements of each channel, and how they are cut.
  elements: u32,
  split: u32,
  chunk: u32,
  // As in norm/params.wgsl.
  groups: u32,
  channels: u32,
  spatial: u32,
  // Places of the first row's statistics, of the first element in what is bound, and of the first part.
  firstRow: u32,
  firstElement: u32,
  firstPart: u32,
  // Of a row.
  length: u32,
  keptDims: vec4<u32>,
  keptStrides: vec4<u32>,
  reducedDims: vec4<u32>,
  reducedStrides: vec4<u32>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Elem>;
@group(0) @binding(2) var<storage, read> dy: array<Elem>;
@group(0) @binding(3) var<storage, read> statistics: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read_write> partials: array<vec2<f32>>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + local;
  let all = params.groups * params.channels;
  let channel = index % all;
  let part = index / all;
  if (part >= params.split) {
    return;
  }
  let end = min((part + 1u) * params.chunk, params.elements);
  let group = channel / params.channels;
  let first = channel % params.channels * params.spatial;
  var sums = vec2<f32>();
  for (var element = part * params.chunk; element < end; element++) {
    var row = element * params.groups + group;
    var r = first;
    if (SPATIAL) {
      row = element / params.spatial * params.groups + group;
      r = first + element % params.spatial;
    }
    let at = params.firstElement + positionOf(row, r);
    let ofRow = statistics[params.firstRow + row];
    let gradient = f32(dy[at]);
    sums += vec2<f32>(gradient * ((f32(x[at]) - ofRow.x) * ofRow.y), gradient);
  }
  partials[(params.firstPart + part) * all + channel] = sums;
}

fn positionOf(row: u32, r: u32) -> u32 {
  if (PLAIN) {
    return row * params.length + r;
  }
  return broadcastOffset(row, params.keptDims, params.keptStrides) +
    broadcastOffset(r, params.reducedDims, params.reducedStrides);
}
