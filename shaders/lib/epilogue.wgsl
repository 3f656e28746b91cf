// What becomes of the sums of a product before they are stored, for four columns from `column` on of `columns` that
// there are.
//
// Expects: biasAt (lib/bias), activate (lib/activation).
fn epilogue4(sums: vec4<f32>, column: u32, columns: u32) -> vec4<f32> {
  // Beyond the last column the last bias is read, and not used.
  let last = columns - 1u;
  let x = sums + vec4<f32>(
    biasAt(min(column, last)),
    biasAt(min(column + 1u, last)),
    biasAt(min(column + 2u, last)),
    biasAt(min(column + 3u, last)),
  );
  return vec4<f32>(activate(x.x), activate(x.y), activate(x.z), activate(x.w));
}
