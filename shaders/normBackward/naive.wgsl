// dx[o, r] = (g - mean of g - n * mean of g n) / deviation, with n = (x - mean) / deviation and g = dy * scale; see norm/params.wgsl.
// The first of three passes: it also leaves each row's mean and 1 / deviation for the others.
//
// One invocation makes one row, reading it four times. Always legal, never fast. Sums are made of blocks of `chunk`, about the
// square root of the length, so that their rounding errors grow with the root only.
//
// Expects: Elem; CENTERED, whether means are taken off; Params (norm/params.wgsl), workgroupIndex, broadcastOffset, loadPair and
// storeQuad (lib/pairAccess), scaled (lib/channelScale), the scalar ones, of which this kernel uses one element.

alias Acc = f32;

const WORKGROUP_SIZE: u32 = 64u;

// Mean and 1 / deviation.
@group(0) @binding(5) var<storage, read_write> statistics: array<vec2<f32>>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let row = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + local;
  if (row >= params.rows) {
    return;
  }
  let start = broadcastOffset(row, params.keptDims, params.keptStrides);
  var mean = 0.0;
  if (CENTERED) {
    mean = average(start, 0.0, false);
  }
  let inverseDeviation = inverseSqrt(average(start, mean, true) + params.epsilon);
  let means = gradientMeans(row, start, mean, inverseDeviation);
  let shift = select(0.0, means.x, CENTERED);
  for (var r = 0u; r < params.length; r++) {
    let at = positionOf(start, r);
    let n = (load(at).x - mean) * inverseDeviation;
    let dx = (scaledGradient(row, r, at) - shift - n * means.y) * inverseDeviation;
    storeQuad(vec4<u32>(at), vec4<bool>(true, false, false, false), vec4<f32>(dx));
  }
  statistics[row] = vec2<f32>(mean, inverseDeviation);
}

// Mean of the row's elements less `shift`, or of their squares.
fn average(start: u32, shift: f32, squared: bool) -> f32 {
  var sum = 0.0;
  for (var first = 0u; first < params.length; first += params.chunk) {
    var block = 0.0;
    for (var r = first; r < min(first + params.chunk, params.length); r++) {
      let distance = load(positionOf(start, r)).x - shift;
      block += select(distance, distance * distance, squared);
    }
    sum += block;
  }
  return sum / f32(params.length);
}

// Means of g and g n.
fn gradientMeans(row: u32, start: u32, mean: f32, inverseDeviation: f32) -> vec2<f32> {
  var sum = vec2<f32>();
  for (var first = 0u; first < params.length; first += params.chunk) {
    var block = vec2<f32>();
    for (var r = first; r < min(first + params.chunk, params.length); r++) {
      let at = positionOf(start, r);
      let g = scaledGradient(row, r, at);
      block += vec2<f32>(g, g * ((load(at).x - mean) * inverseDeviation));
    }
    sum += block;
  }
  return sum / f32(params.length);
}

fn scaledGradient(row: u32, r: u32, at: u32) -> f32 {
  let channel = (row % params.groups) * params.channels + r / params.spatial;
  return scaled(vec4<f32>(load(at).y), vec4<u32>(channel)).x;
}

fn positionOf(start: u32, r: u32) -> u32 {
  return start + broadcastOffset(r, params.reducedDims, params.reducedStrides);
}

// x and dy.
fn load(at: u32) -> vec2<f32> {
  let pair = loadPair(vec4<u32>(at));
  return vec2<f32>(pair.a.x, pair.b.x);
}
