// The element that has the largest key (lib/order).
fn finish(state: State, count: u32, divisor: f32) -> Out {
  return Out(fromOrderKey(state));
}
