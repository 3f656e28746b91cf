// The mean of `count` elements; of none it is 0 / 0, NaN.
fn finish(state: State, count: u32) -> Out {
  return Out(state / Acc(count));
}
