// Positions of four elements of the only row there is, which has no gaps.
fn enterRow(row: u32) {}

fn positionsOf(r: vec4<u32>) -> vec4<u32> {
  return r;
}
