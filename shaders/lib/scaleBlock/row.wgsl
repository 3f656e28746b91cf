// Blocks of quantised weights that share a scale: whole rows, one behind the other.
//
// Expects: Params (matmul/params.wgsl).
fn scaleBlockOf(offset: u32) -> u32 {
  return offset / params.strideBj;
}
