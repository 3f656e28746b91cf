// Where results and elements of a reduction are. A grid of one axis takes no divisions, which are what costs most where an invocation
// has few elements.
//
// Expects: ONE_KEPT_AXIS, ONE_REDUCED_AXIS, whether all but the innermost axis of a grid have size 1; Params (reduction/params.wgsl),
// broadcastOffset.
fn keptOffset(o: u32) -> u32 {
  if (ONE_KEPT_AXIS) {
    return o * params.keptStrides.w;
  }
  return broadcastOffset(o, params.keptDims, params.keptStrides);
}

fn reducedOffset(r: u32) -> u32 {
  if (ONE_REDUCED_AXIS) {
    return r * params.reducedStrides.w;
  }
  return broadcastOffset(r, params.reducedDims, params.reducedStrides);
}
