// Adds four elements of the residual to those of x at the same positions, anywhere; see quad/scalar.wgsl.
//
// Expects: Elem. Declares binding 5.
@group(0) @binding(5) var<storage, read> residual: array<Elem>;

fn addResidual(x: vec4<f32>, at: vec4<u32>) -> vec4<f32> {
  return x + vec4<f32>(vec4<Elem>(residual[at.x], residual[at.y], residual[at.z], residual[at.w]));
}
