// The element that has the largest key (lib/order).
fn finish(state: State, divisor: f32) -> Out {
  return Out(fromOrderKey(state));
}
