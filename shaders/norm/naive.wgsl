// y[o, r] = (s[o, r] - mean) / sqrt(variance + epsilon) * scale + bias with s = x + residual, see params.wgsl.
//
// One invocation makes one row, reading it three times: for the mean, for the variance, for the result. Always legal, never fast.
// Sums are made of blocks of `chunk`, about the square root of the length, so that their rounding errors grow with the root only.
//
// Expects: Elem; CENTERED, whether the mean is taken off; Params (params.wgsl), workgroupIndex, broadcastOffset, loadQuad
// (lib/quad), storeQuad (lib/quadStore), scaled and biased (lib/affine), addResidual (lib/quadResidual), storeSum (lib/residualSum),
// all of them the scalar ones, of which this kernel uses one element.

alias Acc = f32;

const WORKGROUP_SIZE: u32 = 64u;
const WANTED: vec4<bool> = vec4<bool>(true, false, false, false);

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
    mean = powerSum(start, 0.0, false) / f32(params.length);
  }
  let variance = powerSum(start, mean, true) / f32(params.length);
  let inverseDeviation = inverseSqrt(variance + params.epsilon);
  for (var r = 0u; r < params.length; r++) {
    let at = positionOf(start, r);
    let s = load(at);
    let channels = vec4<u32>((row % params.groups) * params.channels + r / params.spatial);
    let y = biased(scaled(vec4<f32>((s - mean) * inverseDeviation), channels), channels);
    storeQuad(vec4<u32>(at), WANTED, y);
    storeSum(vec4<u32>(at), WANTED, vec4<f32>(s));
  }
}

// Sum of the row's elements less `shift`, or of their squares.
fn powerSum(start: u32, shift: f32, squared: bool) -> f32 {
  var sum = 0.0;
  for (var first = 0u; first < params.length; first += params.chunk) {
    var block = 0.0;
    for (var r = first; r < min(first + params.chunk, params.length); r++) {
      let distance = load(positionOf(start, r)) - shift;
      block += select(distance, distance * distance, squared);
    }
    sum += block;
  }
  return sum;
}

fn positionOf(start: u32, r: u32) -> u32 {
  return start + broadcastOffset(r, params.reducedDims, params.reducedStrides);
}

fn load(at: u32) -> f32 {
  return addResidual(loadQuad(vec4<u32>(at)), vec4<u32>(at)).x;
}
