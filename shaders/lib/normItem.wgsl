// Four elements of s = x + residual; those past the end of the row are the last of it.
//
// Expects: loadQuad (lib/quad), addResidual (lib/quadResidual), the operator of sums (lib/reduce), groupReduce.
fn loadItem(at: vec4<u32>, end: u32) -> vec4<f32> {
  let valid = min(at, vec4<u32>(end - 1u));
  return addResidual(loadQuad(valid), valid);
}

fn valuesOf(item: vec4<f32>) -> vec4<f32> {
  return item;
}

// Of all the values that the invocations of a row have.
fn rowSum(values: vec4<f32>, invocation: Invocation) -> f32 {
  return groupReduce((values.x + values.y) + (values.z + values.w), invocation);
}
