// Adds four neighbouring elements of the residual to those of x; see quad/aligned.wgsl.
//
// Expects: Elem, and Words, four of it as integers of 32 bits. Declares binding 5.
@group(0) @binding(5) var<storage, read> residual: array<Words>;

fn addResidual(x: vec4<f32>, at: vec4<u32>) -> vec4<f32> {
  return x + vec4<f32>(bitcast<vec4<Elem>>(residual[at.x / 4u]));
}
