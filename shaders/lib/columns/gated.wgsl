// Columns of a gated product: b has its n columns in two halves, and a column of the one stands next to its partner of
// the other here, so that whoever makes neighbouring columns has both.
//
// Expects: Params (matmul/params.wgsl).
fn columnOf(j: u32) -> u32 {
  return (j % 2u) * (params.n / 2u) + j / 2u;
}
