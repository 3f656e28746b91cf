// Stores four neighbouring sums with the residual; see quadStore/aligned.wgsl.
//
// Expects: Elem, and Words, four of it as integers of 32 bits. Declares binding 6.
@group(0) @binding(6) var<storage, read_write> sum: array<Words>;

fn storeSum(at: vec4<u32>, wanted: vec4<bool>, values: vec4<f32>) {
  if (wanted.x) {
    sum[at.x / 4u] = bitcast<Words>(vec4<Elem>(values));
  }
}
