// The counterpart of the others where the sum with the residual is not wanted.
fn storeSum(at: vec4<u32>, wanted: vec4<bool>, values: vec4<f32>) {}
