// y[i] = activate(g[i]) * u[i]: what a gate lets through, element by element, where the two come from separate products.
//
// An invocation makes four neighbouring elements; beyond the last ones that there are it writes nothing.
//
// Expects: Elem, Params, workgroupIndex, activate.

const WORKGROUP_SIZE: u32 = 256u;

struct Params {
  elements: u32,
  // Bounds of the activation `clip`.
  clipMin: f32,
  clipMax: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> g: array<Elem>;
@group(0) @binding(2) var<storage, read> u: array<Elem>;
@group(0) @binding(3) var<storage, read_write> y: array<Elem>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) invocation: u32,
) {
  let first = (workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + invocation) * 4u;
  for (var lane = 0u; lane < 4u; lane++) {
    let i = first + lane;
    if (i < params.elements) {
      y[i] = Elem(activate(f32(g[i])) * f32(u[i]));
    }
  }
}
