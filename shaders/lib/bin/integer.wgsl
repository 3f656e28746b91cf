// The bin of an integer: itself; numbers that are no bin have the bin past the last.
//
// Expects: Params (histogram/params.wgsl).
fn binOf(x: Elem) -> u32 {
  // A negative number is a large one.
  return min(bitcast<u32>(x), params.bins);
}
