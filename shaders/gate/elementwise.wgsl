// c[i] = activate(a[i]) * b[i]: what a gate lets through, element by element, where the two come from separate products.
//
// An invocation makes QUADS times four elements; what is beyond the last it does not write.
//
// Expects: Elem; QUADS; Params, workgroupIndex, quadOf, loadPair and storeQuad (lib/pairAccess), activate.

const WORKGROUP_SIZE: u32 = 256u;

struct Params {
  elements: u32,
  // Bounds of the activation `clip`.
  clipMin: f32,
  clipMax: f32,
}

@group(0) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) invocation: u32,
) {
  let stretch = 4u * WORKGROUP_SIZE;
  let begin = workgroupIndex(workgroup, grid) * QUADS * stretch;
  for (var quad = 0u; quad < QUADS; quad++) {
    let at = begin + quad * stretch + quadOf(invocation, WORKGROUP_SIZE);
    let pair = loadPair(min(at, vec4<u32>(params.elements - 1u)));
    storeQuad(at, at < vec4<u32>(params.elements), activate4(pair.a) * pair.b);
  }
}

fn activate4(v: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(activate(v.x), activate(v.y), activate(v.z), activate(v.w));
}
