// Stores those of four sums with the residual that are wanted, anywhere; see quadStore/scalar.wgsl.
//
// Expects: Elem. Declares binding 6.
@group(0) @binding(6) var<storage, read_write> sum: array<Elem>;

fn storeSum(at: vec4<u32>, wanted: vec4<bool>, values: vec4<f32>) {
  if (wanted.x) {
    sum[at.x] = Elem(values.x);
  }
  if (wanted.y) {
    sum[at.y] = Elem(values.y);
  }
  if (wanted.z) {
    sum[at.z] = Elem(values.z);
  }
  if (wanted.w) {
    sum[at.w] = Elem(values.w);
  }
}
