// Positions of four elements of the only row there is, which has no gaps.
//
// Expects: Params (norm/sliceParams.wgsl).
fn enterRow(row: u32) {}

fn positionsOf(r: vec4<u32>) -> vec4<u32> {
  return params.firstPosition + r;
}
